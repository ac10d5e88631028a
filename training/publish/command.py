"""`sorter release` and `sorter publish`: arguments in, lines out."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from edge.bundle import Bundle
    from training.publish.clearance import Cleared
    from training.publish.repository import Repository


class Action(StrEnum):
    """What can be done to a folder of releases."""

    INIT = "init"
    KEYS = "keys"
    SIGN = "sign"


class Kind(StrEnum):
    """The kinds of key; docs/releases.md says who holds which."""

    ROOT = "root"
    BUNDLES = "bundles"
    CHANNELS = "channels"
    ONLINE = "online"


Keys = Annotated[
    list[Path] | None,
    typer.Option("--keys", metavar="DIR", help="Where private keys are; repeatable. New ones go to the first."),
]


def release(
    action: Annotated[Action, typer.Argument(help="What to do.", show_default=False)],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of releases.", show_default=False)],
    keys: Keys = None,
    rotate: Annotated[
        Kind | None, typer.Option(help="keys: replace the keys of this kind by new ones.", show_default=False)
    ] = None,
) -> None:
    """Make a folder of signed releases (init), show or replace its keys (keys), renew what runs out (sign)."""
    from edge.errors import UsageFault
    from training.publish.changing import changing
    from training.publish.keys import Keyring
    from training.publish.releases import listing, renew
    from training.publish.releases import rotate as replace
    from training.publish.repository import Repository

    ring = Keyring(keys or [])
    if rotate and action is not Action.KEYS:
        raise UsageFault(f"--rotate goes with sorter release keys, not with {action}")
    try:
        if action is Action.INIT:
            made = Repository.create(folder, ring)
            print("\n".join(listing(made, ring)))
            print("move offline/ to a place without a network; back it up: docs/releases.md")
            return
        if action is Action.SIGN:
            with changing(lambda: Repository(folder, ring)) as repository:
                signed = renew(repository, ring)
            print("signed: " + (", ".join(signed) or "nothing: all is good for long enough"))
            return
        if rotate:
            with changing(lambda: Repository(folder, ring)) as repository:
                made_keys = replace(repository, ring, rotate.value)
            print(f"new {rotate} key: " + " ".join(key.keyid[:16] for key in made_keys))
        print("\n".join(listing(Repository(folder, ring), ring)))
    except OSError as error:
        raise UsageFault(f"{error.filename or folder}: {error.strerror}; give a folder that can be written") from None


def publish(
    bundle: Annotated[
        str | None,
        typer.Argument(metavar="[BUNDLE]", help="Its folder, factory, or a released NAME@DIGEST.", show_default=False),
    ] = None,
    *,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder of releases.", show_default=False)],
    channel: Annotated[
        str | None, typer.Option(metavar="NAME", help="The channel that shall name it.", show_default=False)
    ] = None,
    keys: Keys = None,
    machine_class: Annotated[
        list[str] | None, typer.Option("--class", metavar="NAME", help="Machines that may run it; repeatable.")
    ] = None,
    least_runtime: Annotated[
        str | None, typer.Option(metavar="VERSION", help="The oldest sorter that can run it; this one if left out.")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A machine's profile, in place of a bundle.", show_default=False)
    ] = None,
    evaluation: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="What sorter evaluate wrote of this bundle.", show_default=False),
    ] = None,
    compared: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="What sorter evaluate --against the channel's bundle wrote.", show_default=False
        ),
    ] = None,
    waive: Annotated[
        list[str] | None,
        typer.Option(metavar="CRITERION", help="One that the bundle does not meet, or all; repeatable."),
    ] = None,
    why: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="The reason for a waiver; repeatable.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who waives.", show_default=False)] = None,
) -> None:
    """Release a bundle that meets the release criteria, or a machine's profile, signed, and let a channel name it."""
    from importlib.metadata import version

    from pydantic import ValidationError

    from edge.errors import UsageFault
    from training.publish.changing import changing
    from training.publish.clearance import Against, clear
    from training.publish.keys import Keyring
    from training.publish.repository import Repository

    if (bundle is None) == (profile is None):
        raise UsageFault("publish a BUNDLE, or --profile FILE")
    classes, oldest = machine_class or ["line"], least_runtime or version("sorter")

    def cleared(loaded: "Bundle", old: str | None) -> "Cleared":
        return clear(loaded, evaluation, waive or [], why or [], by, Against(old, compared) if old else None)

    try:
        with changing(lambda: Repository(to, Keyring(keys or []))) as repository:
            if profile is not None:
                said = [_publish_profile(repository, profile, channel)]
            else:
                said = list(_publish_bundle(repository, bundle or "", channel, classes, oldest, cleared))
            repository.commit()
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise UsageFault(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
    except OSError as error:
        raise UsageFault(f"{error.filename or to}: {error.strerror}; give a folder that can be written") from None
    print("\n".join(said))


def _publish_bundle(
    repository: "Repository",
    bundle: str,
    channel: str | None,
    classes: list[str],
    least_runtime: str,
    cleared: "Callable[[Bundle, str | None], Cleared]",
) -> Iterator[str]:
    from edge.bundle import load_bundle, resolve
    from training.publish.channels import word_of
    from training.publish.releases import is_released, point_channel, release_bundle, waivers_of

    identity, said = bundle, "released already"
    if "@" not in bundle or Path(bundle).is_dir():
        loaded = load_bundle(resolve(bundle))
        identity = loaded.identity
        if not is_released(repository, identity):
            word = word_of(repository, channel) if channel else None
            clearance = cleared(loaded, word.bundle if word else None)
            release_bundle(repository, loaded, classes, least_runtime, clearance)
            said = "released"
    yield f"{identity}: {said}"
    waived: dict[str, list[str]] = {}
    for waiver in waivers_of(repository, identity):
        waived.setdefault(f"by {waiver.by}: {waiver.why}", []).append(f"{waiver.criterion} ({waiver.found})")
    yield from (f"waived {reason}: {', '.join(criteria)}" for reason, criteria in waived.items())
    if channel:
        counter = point_channel(repository, channel, identity).counter
        yield f"channel {channel}: names it from now on, by its word {counter}"


def _publish_profile(repository: "Repository", path: Path, channel: str | None) -> str:
    from edge.config import load_profile
    from edge.errors import UsageFault
    from training.publish.channels import send_profile

    if channel is None:
        raise UsageFault(f"{path}: by which channel? give --channel NAME, that of its machine")
    checked = load_profile(path)
    machine = f"{checked.site}/{checked.machine}"
    word = send_profile(repository, channel, machine, path.read_bytes())
    return f"{machine}: profile {word.profiles[machine].digest}, by word {word.counter} of {channel}"
