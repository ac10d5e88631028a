"""Where an update stands: one record on disk, changed whole at each transition."""

from pathlib import Path

from edge.sealed import Sealed
from edge.update.disk import Disk
from edge.update.kept import find, keep
from edge.update.store import Slot
from edge.updates import Compared, Figures, UpdateState


class Journal(Sealed):
    """`bundle` and `word` are what is on its way; `attempts` counts the starts of this process on it, `before` what
    became of the fruit of the bundle that ran before it, `shadow` how it compared with that one. `refused` and
    `refused_word` are what was not good, so that it is not tried again until the channel says another word; `why` and
    `text` say why."""

    state: UpdateState = "idle"
    bundle: str = ""
    word: int = 0
    slot: Slot = "a"
    attempts: int = 0
    before: Figures = Figures()
    shadow: Compared = Compared()
    refused: str = ""
    refused_word: int = 0
    why: str = ""
    text: str = ""

    @property
    def refusal(self) -> tuple[str, int]:
        return self.refused, self.refused_word


class Book:
    """The journal on disk. A record that cannot be read is a machine with nothing under way."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._path = folder / "journal.json"
        self._disk = disk

    def read(self) -> Journal:
        return find(self._disk, self._path, Journal) or Journal()

    def write(self, journal: Journal) -> None:
        keep(self._disk, self._path, journal)
