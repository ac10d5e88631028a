"""The update process: `python -m edge.update PROFILE`. One a machine; it may be killed at any time."""

import fcntl
import os
import sys
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from edge import clock
from edge.config import Profile, load_profile
from edge.errors import SorterError, UsageFault
from edge.log import Log, start_log
from edge.sent import current
from edge.update.agent import Agent
from edge.update.profiles import Profiles, check_beside
from edge.update.steps import Parts, S
from edge.update.store import Store
from edge.update.trial import Probation, SelfTestProcess, Shadowing
from edge.update.window import is_open

MINUTE_NS = 60 * S
_log = Log("update")


def build(profile: Profile, path: Path) -> Agent:
    """The agent of a machine. Raises UsageFault where something is missing."""
    settings = profile.update
    assert settings.source is not None
    try:
        from edge.update.fetch import Source  # noqa: PLC0415  # TUF, where it is not installed, is told of in one line
        from edge.update.trust import TufReleases  # noqa: PLC0415  # as above
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        raise UsageFault(f"updates need {missing}: pip install 'sorter[update]'") from None
    try:
        root = settings.root.read_bytes()
    except OSError as error:
        raise UsageFault(f"{settings.root}: {error.strerror}; copy a root.json of the releases there") from None
    store = Store(settings.folder)
    releases = TufReleases(
        settings.folder,
        settings.source,
        root,
        settings.channel,
        settings.machine_class,
        version("sorter"),
        Source(),
        clock.now_ns,
        lambda: datetime.fromisoformat(clock.utc_text()),
    )
    shadow = Shadowing(settings.shadow_fruit, settings.most_disagreement)
    trial = Probation(round(settings.probation_minutes * MINUTE_NS), settings.most_disagreement)
    every_ns = round(settings.check_minutes * MINUTE_NS)
    machine = f"{profile.site}/{profile.machine}"

    def may_begin() -> bool:
        return is_open(settings.windows, datetime.fromisoformat(clock.utc_text()).astimezone())

    tests = (SelfTestProcess(lambda: current(settings.folder, path)), shadow, trial)
    healthy_ns = round(settings.probation_minutes * MINUTE_NS)
    profiles = Profiles(settings.folder, profile, check_beside(path.parent), healthy_ns)
    return Agent(Parts(releases, store, *tests, clock.utc_text, every_ns, machine, may_begin, profiles))


def claim(folder: Path) -> int:
    """Hold the folder for this process alone, for as long as it lives. Raises UsageFault where another has it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageFault(f"{folder}: another update process has it") from None
    return handle


def main(path: Path) -> int:
    """Follow the releases of a profile until this process is ended."""
    start_log()
    return follow(lambda: load_profile(path), path)


def follow(load: Callable[[], Profile], path: Path) -> int:
    """Step the agent until this process is ended. `path`: the profile's file, for the self-test and for messages."""
    try:
        profile = load()
        if profile.update.source is None:
            _log.info("this profile asks for no updates", profile=path)
            return 0
        handle = claim(profile.update.folder)
        agent = build(profile, path)
    except (SorterError, OSError) as fault:
        sys.stderr.write(f"sorter: {fault}\n")
        return fault.exit_status if isinstance(fault, SorterError) else 2
    _log.info("ready", source=profile.update.source, channel=profile.update.channel, lock=handle)
    while True:
        clock.sleep_until(agent.step(clock.now_ns()))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
