"""Where bundles lie on the device: two slots, the factory's bundle, and one small file that says which is active.

`slots/a`, `slots/b` are whole bundles or absent; `active.json` changes by one rename. A bundle on trial has a fallback;
until it is good for good (`commit`) both slots are taken. What cannot be read is passed over: the active one, else the
fallback, else the factory's, so that whatever happens one whole bundle runs.
"""

from pathlib import Path
from typing import Literal

from edge.bundle import Bundle, load_bundle
from edge.durable import write_whole
from edge.errors import BundleFault, UsageFault
from edge.sealed import Sealed, seal, unseal
from edge.update.disk import Disk
from edge.update.kept import find, keep
from edge.updates import COMPARED

Slot = Literal["a", "b", "factory"]
MOST_STARTS = 3
"""Of the machine on a bundle on trial that ended badly; at the next one the fallback runs."""


class Active(Sealed):
    """`fallback` is what ran before, and runs again if the trial fails; `word` is the counter of the channel's word.
    `shadow` holds the bundle `candidate`, which is to grade beside this one and move nothing."""

    slot: Slot = "factory"
    bundle: str = ""
    fallback: Slot = "factory"
    trial: bool = False
    word: int = 0
    shadow: Slot | None = None
    candidate: str = ""


class Starts(Sealed):
    """How often the machine has begun with a bundle on trial, or in the shadow, without ending well. Only the machine
    writes it."""

    bundle: str
    starts: int


class Running(Sealed):
    """What grades in this run of the machine. Where that is not what was chosen, `wanted`, then `why`. Only the machine
    writes it."""

    bundle: str
    run_id: str
    wanted: str = ""
    why: str = ""


class Store:
    """One machine's. The update process alone changes it; anybody may read."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self.folder = folder
        self.disk = disk or Disk()
        self.incoming = folder / "slots" / "incoming"

    def prepare(self) -> None:
        """Make the folders that are missing."""
        for path in (self.folder, self.folder / "slots", self.folder / "trust"):
            if not path.is_dir():
                self.disk.make_folder(path)
                self.disk.sync(path.parent)

    def active(self) -> Active:
        """What shall run; the factory's where nothing says otherwise, or it cannot be read."""
        return find(self.disk, self.folder / "active.json", Active) or Active()

    def readable(self) -> Active:
        """As `active`; the factory's also where the disk does not answer."""
        try:
            return self.active()
        except OSError:
            return Active()

    def path(self, slot: Slot) -> Path:
        return self.folder / "slots" / slot

    def free(self) -> Slot:
        """The slot that nothing runs from, now or after a fall back."""
        active = self.active()
        taken = {active.slot, active.fallback} if active.trial else {active.slot}
        return "b" if "a" in taken else "a"

    def receive(self, name: str, paper: bytes) -> None:
        """Make room for what comes with this paper; what came of it before stays, what came of another goes."""
        if self.disk.read(self.incoming / name) == paper:
            return
        self.disk.remove_folder(self.incoming)
        self.disk.make_folder(self.incoming)
        self.disk.sync(self.incoming.parent)
        self.disk.replace(self.incoming / name, paper)

    def stage(self, slot: Slot, bundle: str) -> None:
        """Make what came in the content of a free slot. Its files are synced before it takes the place."""
        place = self.path(slot)
        if self.incoming.is_dir():  # not so after a kill that came behind the rename
            for name in self.disk.names(self.incoming):
                self.disk.sync(self.incoming / name)
            self.disk.sync(self.incoming)
            active = self.active()
            if active.fallback == slot:  # what comes has not been tried: nothing falls back to it
                keep(self.disk, self.folder / "active.json", active.model_copy(update={"fallback": "factory"}))
            self.disk.remove_folder(place)
            self.disk.rename(self.incoming, place)
            self.disk.sync(place.parent)
        if (found := load_bundle(place).identity) != bundle:
            raise BundleFault(f"{place}: holds {found}, not {bundle}")

    def shadow(self, slot: Slot, bundle: str) -> None:
        """The slot's bundle grades beside the active one, from now on; what was compared before is forgotten."""
        before = self.active()
        if before.candidate != bundle:
            self.disk.remove(self.folder / COMPARED)
            keep(
                self.disk, self.folder / "active.json", before.model_copy(update={"shadow": slot, "candidate": bundle})
            )

    def try_out(self, slot: Slot, bundle: str, word: int) -> None:
        """The slot's bundle runs, on trial: for every fruit that the machine has not looked at when it hears of it."""
        before = self.active()
        if before.slot != slot:
            now = Active(slot=slot, bundle=bundle, fallback=before.slot, trial=True, word=word)
            keep(self.disk, self.folder / "active.json", now)

    def commit(self) -> None:
        """The trial is over: what runs, stays."""
        keep(self.disk, self.folder / "active.json", self.active().model_copy(update={"trial": False}))

    def roll_back(self) -> None:
        """What ran before runs again. Nothing where there is no trial."""
        before = self.active()
        if not before.trial:
            return
        bundle = self._identity(before.fallback)
        back = Active(slot=before.fallback, bundle=bundle, fallback="factory", trial=False, word=before.word)
        keep(self.disk, self.folder / "active.json", back)

    def clear(self) -> None:
        """What came in, or stands in the shadow, and is not wanted."""
        before = self.active()
        if before.shadow:
            keep(self.disk, self.folder / "active.json", before.model_copy(update={"shadow": None, "candidate": ""}))
        self.disk.remove_folder(self.incoming)

    def running(self) -> Running | None:
        """What the machine said when it last took a bundle."""
        return find(self.disk, self.folder / "running.json", Running)

    def _identity(self, slot: Slot) -> str:
        try:
            return "" if slot == "factory" else load_bundle(self.path(slot)).identity
        except (UsageFault, BundleFault):
            return ""


def choose(folder: Path, factory: Path) -> tuple[Bundle, str]:
    """The bundle that the machine runs from now on, and why it is not the active one (empty where it is). Each time on
    trial is counted. Raises only what the factory's bundle raises."""
    store = Store(folder)
    active = store.readable()
    why = ""
    wanted: list[Slot] = [active.slot, active.fallback]
    if active.trial and _starts(folder, active.bundle) >= MOST_STARTS:
        why, wanted = f"{active.bundle} did not stay up in {MOST_STARTS} starts", [active.fallback]
    for slot in wanted:
        if slot == "factory":
            break
        try:
            bundle = load_bundle(store.path(slot))
        except (UsageFault, BundleFault) as fault:
            why = why or str(fault)
            continue
        if active.trial and slot == active.slot:
            _count(folder, active.bundle, _starts(folder, active.bundle) + 1)
        return bundle, why
    return load_bundle(factory), why


def beside(folder: Path, factory: Path) -> Bundle | None:
    """The bundle that is to grade in the shadow now: the candidate, and while another is on trial the one before it.
    Each time with a candidate is counted. Raises UsageFault or BundleFault where it is not whole, or did not do."""
    store = Store(folder)
    active = store.readable()
    if active.trial:
        return load_bundle(factory if active.fallback == "factory" else store.path(active.fallback))
    if active.shadow is None:
        return None
    starts = _starts(folder, active.candidate)
    if starts >= MOST_STARTS:
        raise BundleFault(f"{active.candidate}: the machine did not stay up beside it in {MOST_STARTS} starts")
    _count(folder, active.candidate, starts + 1)
    return load_bundle(store.path(active.shadow))


def note_running(folder: Path, bundle: str, run_id: str, wanted: str = "", why: str = "") -> None:
    """Tell the update process what grades. What cannot be written is not told: the machine sorts on."""
    _write(folder / "running.json", Running(bundle=bundle, run_id=run_id, wanted=wanted, why=why))


def note_good_end(folder: Path) -> None:
    """The run ended well: what was counted against a bundle is forgotten."""
    try:
        found = find(Disk(), folder / "starts.json", Starts)
    except OSError:
        return
    if found and found.starts:
        _count(folder, found.bundle, 0)


def _starts(folder: Path, bundle: str) -> int:
    try:
        found = find(Disk(), folder / "starts.json", Starts)
    except OSError:
        return MOST_STARTS  # nobody knows: rather the one that is known to be good
    return found.starts if found and found.bundle == bundle else 0


def _count(folder: Path, bundle: str, starts: int) -> None:
    _write(folder / "starts.json", Starts(bundle=bundle, starts=starts))


def _write(path: Path, record: Sealed) -> None:
    raw = seal(record)
    try:
        if unseal(Disk().read(path), type(record)) != record:
            write_whole(path, raw)
    except OSError:
        return
