"""A profile over the air: fetched and checked by the update process, run on trial by the machine, kept or taken back.

One record (`edge.sent.Sent`) is changed whole; each step may be cut off anywhere and is then done again. A profile of
another machine, or one that would change `[update]` itself, is refused: whom a machine believes is its own matter.
"""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from edge.config import Profile, profile_of
from edge.errors import ProfileFault
from edge.release import Channel
from edge.sealed import seal
from edge.sent import Sent, read_run, read_sent, sent_path
from edge.update.disk import Disk
from edge.update.refusal import Refused

CHECK_S = 60.0
"""The longest that a check may take."""


class Source(Protocol):
    """Whoever is believed: `edge.update.trust`. Raises Refused or Unreachable."""

    def profile(self, machine: str, digest: str) -> bytes: ...


Check = Callable[[Path], str]
"""What is wrong with a profile's file; empty where nothing is."""


class Profiles:
    """One machine's. `healthy_ns`: a run that has been up for so long is healthy."""

    def __init__(self, folder: Path, own: Profile, check: Check, healthy_ns: int, disk: Disk | None = None) -> None:
        self._folder = folder
        self._own = own
        self._check = check
        self._healthy_ns = healthy_ns
        self._disk = disk or Disk()
        self._up: tuple[str, int] = ("", 0)

    @property
    def sent(self) -> Sent:
        return read_sent(self._folder)

    def follow(self, word: Channel, source: Source, may_begin: bool) -> bool:
        """Take what the channel names for this machine, if it is another. True while one is on trial: nothing else is
        tried at the same time. Raises Refused where it is not good, or what `source` raises."""
        sent = self.sent
        if sent.trial:
            return True
        if not (may_begin and self.wants(word)):
            return False
        digest, since = self._named(word)
        if digest:
            try:
                self._bring(source, digest)
            except Refused as refusal:
                if refusal.why == "profile":
                    self._keep(sent.model_copy(update={"refused": digest, "since": since, "text": str(refusal)}))
                raise
        run_before = read_run(self._folder).run_id
        self._keep(Sent(digest=digest, fallback=sent.digest, trial=True, since=since, run_before=run_before))
        return True

    def wants(self, word: Channel) -> bool:
        """Whether the channel names another one for this machine, which was not refused."""
        sent, named = self.sent, self._named(word)
        return named[0] != sent.digest and named != (sent.refused, sent.since)

    def step(self, now_ns: int) -> None:
        """Judge the one on trial. Raises Refused where the machine is not up with it."""
        sent = self.sent
        if not sent.trial:
            return
        run = read_run(self._folder)
        if run.run_id == sent.run_before:
            return  # it has not started anew yet
        if run.digest != sent.digest:
            self._take_back(sent, run.text or "the machine goes by another")
        if run.run_id != self._up[0]:
            self._up = (run.run_id, now_ns)
        if run.run_id and now_ns - self._up[1] >= self._healthy_ns:
            self._keep(sent.model_copy(update={"trial": False}))

    def _named(self, word: Channel) -> tuple[str, int]:
        named = word.profiles.get(f"{self._own.site}/{self._own.machine}")
        return (named.digest, named.since) if named else ("", 0)

    def _take_back(self, sent: Sent, text: str) -> None:
        refused = {"digest": sent.fallback, "fallback": "", "trial": False, "refused": sent.digest, "text": text[:500]}
        self._keep(sent.model_copy(update=refused))
        raise Refused("profile", f"{sent.digest}: {text}")

    def _bring(self, source: Source, digest: str) -> None:
        raw = source.profile(f"{self._own.site}/{self._own.machine}", digest)
        path = sent_path(self._folder, digest)
        try:
            found = profile_of(tomllib.loads(raw.decode()), digest)
        except (ValueError, ProfileFault) as error:
            raise Refused("profile", f"{digest}: {error}") from None
        if (found.site, found.machine) != (self._own.site, self._own.machine):
            raise Refused("profile", f"{digest}: is the profile of {found.site}/{found.machine}")
        if found.update != self._own.update:
            raise Refused("profile", f"{digest}: [update]: must be as in the machine's own file")
        if not path.parent.is_dir():
            self._disk.make_folder(path.parent)
            self._disk.sync(self._folder)
        self._disk.replace(path, raw)
        if wrong := self._check(path):
            raise Refused("profile", f"{digest}: {wrong}"[:500])

    def _keep(self, sent: Sent) -> None:
        self._disk.replace(self._folder / "sent.json", seal(sent))


def check_beside(beside: Path) -> Check:
    """`sorter check`'s own code in a process of its own. `beside`: from where relative paths in a profile count."""

    def check(path: Path) -> str:
        command = [sys.executable, "-m", "edge.preflight", str(path), str(beside)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=CHECK_S)
        except subprocess.TimeoutExpired:
            return f"its check took longer than {CHECK_S:.0f} s"
        if done.returncode and not done.stdout.strip():
            return f"its check ended with {done.returncode}: {done.stderr.strip()[-200:]}"
        return done.stdout.strip()

    return check
