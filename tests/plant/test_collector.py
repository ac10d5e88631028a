"""The collector's loop where its disk is full, without a broker."""

import errno
import io
import os

import pytest

from edge.config import Telemetry
from edge.log import start_log
from plant.archive import Archive
from plant.collector import Collector


class Fed:
    """Answers Subscriber: its first messages meet a full disk, the others are kept."""

    accepted, rejected = True, 0

    def __init__(self, disk: list[int]) -> None:
        self._disk = disk

    def serve(self, timeout_s: float) -> int:
        self._disk.append(1)
        if len(self._disk) == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "history")
        return 5

    def close(self) -> None:
        self._disk.append(0)


class Collecting(Collector):
    def __init__(self, archive: Archive) -> None:
        super().__init__(Telemetry(broker="mqtt://127.0.0.1"), "one", None, archive, 300.0)
        self.disk: list[int] = []

    def _connect(self) -> Fed:
        return Fed(self.disk)


@pytest.mark.slow
def test_a_full_disk_is_told_in_one_line_and_what_it_did_not_take_is_asked_for_again(tmp_path):
    stream = io.StringIO()
    start_log(stream)
    collector = Collecting(Archive(tmp_path, "one", 400, 10**9))
    collector.run(lambda: collector.heard >= 10)
    assert collector.disk == [1, 0, 1, 1, 0], "left unacknowledged, and come back for"
    (line,) = [line for line in stream.getvalue().splitlines() if "WARNING" in line]
    assert "the disk takes nothing, collecting on when it does" in line
    assert "history: No space left on device; free some room there" in line
