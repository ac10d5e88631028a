"""What a release is made of: a bundle's files with their paper, a channel's word, and keys that change hands."""

import hashlib
from collections.abc import Iterator

from securesystemslib.signer import Key
from tuf.api.metadata import Root

from edge.bundle import MANIFEST, Bundle
from edge.errors import UsageFault
from edge.release import PAPER, Channel, Listed, Paper, Waiver, bundle_path, paper_of
from training.publish.channels import released, say, word_of
from training.publish.clearance import Cleared
from training.publish.keys import Keyring
from training.publish.repository import KIND, PATHS, Repository

NEVER = "2000-01-01T00:00:00Z"
"""Of a word that is not said yet."""


def release_bundle(
    repository: Repository, bundle: Bundle, classes: list[str], least_runtime: str, cleared: Cleared
) -> bool:
    """Put a bundle's files and its paper under the role `bundles`. False where it is there already, and changes
    nothing: a bundle's paper is said once."""
    place = bundle_path(bundle.identity)
    if is_released(repository, bundle.identity):
        return False
    contents = {name: (bundle.folder / name).read_bytes() for name in (MANIFEST, *bundle.manifest.files)}
    files = {n: Listed(length=len(raw), sha256=hashlib.sha256(raw).hexdigest()) for n, raw in contents.items()}
    paper = Paper(
        format=1,
        bundle=bundle.identity,
        machine_classes=tuple(classes),
        least_runtime=least_runtime,
        files=files,
        evaluation_sha256=cleared.evaluation_sha256,
        waivers=cleared.waivers,
    )
    contents[PAPER] = (paper.model_dump_json(indent=1) + "\n").encode()
    repository.add("bundles", {f"{place}/{name}": raw for name, raw in contents.items()})
    return True


def is_released(repository: Repository, identity: str) -> bool:
    """Whether the bundle `name@digest` has a paper here."""
    return repository.read_target("bundles", f"{bundle_path(identity)}/{PAPER}") is not None


def waivers_of(repository: Repository, identity: str) -> tuple[Waiver, ...]:
    """The waivers that a bundle was released with; none where it is not released."""
    raw = repository.read_target("bundles", f"{bundle_path(identity)}/{PAPER}")
    return paper_of(raw, identity).waivers if raw else ()


def point_channel(repository: Repository, name: str, identity: str) -> Channel:
    """Let a channel name a released bundle, for all of its machines that are not pinned. Raises UsageFault where there
    is no such release, or a rollout is under way."""
    word = word_of(repository, name)
    if word and word.rollout:
        raise UsageFault(f"{name}: {word.rollout.bundle} is being rolled out; sorter rollout abort ends that first")
    made = Channel(format=1, channel=name, counter=1, issued_utc=NEVER, bundle=released(repository, identity))
    if word:
        made = made.model_copy(update={"pins": word.pins, "profiles": word.profiles})
    return say(repository, made)


def renew(repository: Repository, keys: Keyring) -> list[str]:
    """Sign anew whatever has lived through half of its life and whose key is at hand; returns the roles."""
    for role, kind in KIND.items():
        if repository.due(role) and keys.signers(kind, repository.keys_of(role)):
            repository.touch(role)
    return repository.commit()


def rotate(repository: Repository, keys: Keyring, kind: str) -> list[Key]:
    """Give a kind of key new keys in place of the old, and sign anew what the old had signed; returns the new.

    Of the root keys, those that are not at hand are replaced, and all of them where all are: one root key is enough to
    replace the other. A revoked key's word is refused by every device that has seen the new root or targets.
    """
    role = next(role for role, signed_by in KIND.items() if signed_by == kind)
    old = repository.keys_of(role)
    at_hand = [key for key in old if keys.find(kind, key)]
    if kind == "root" and not at_hand:
        raise UsageFault(f"root: none of its keys in {keys.where()}; without one, every machine needs a new root.json")
    leaving = [key for key in old if key not in at_hand] if kind == "root" and len(at_hand) < len(old) else old
    new = [keys.make(kind) for _ in leaving]
    for roles in [role for role, signed_by in KIND.items() if signed_by == kind]:
        _replace(repository, roles, leaving, new)
    repository.touch(*(role for role, signed_by in KIND.items() if signed_by == kind))
    repository.touch("targets" if kind in PATHS else "root")
    repository.commit(also={"root": old} if kind == "root" else None)
    return new


def _replace(repository: Repository, role: str, leaving: list[Key], new: list[Key]) -> None:
    holder = repository.targets.signed if role in PATHS else repository.root.signed
    for key in leaving:
        holder.revoke_key(key.keyid, role)
    for key in new:
        holder.add_key(key, role)


def listing(repository: Repository, keys: Keyring) -> Iterator[str]:
    """Roles, until when they are signed, their keys, and which of those are at hand."""
    root: Root = repository.root.signed
    yield f"root version {root.version}: give machines {repository.folder}/metadata/{root.version}.root.json"
    for role, kind in KIND.items():
        ids = " ".join(
            f"{key.keyid[:16]}{'' if keys.find(kind, key) else ' (not here)'}" for key in repository.keys_of(role)
        )
        yield f"{role:<9} until {repository.expires(role):%Y-%m-%d}  {kind} key {ids}"
