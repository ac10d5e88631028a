import errno
from collections.abc import Sequence
from pathlib import Path

import pytest

from edge.trace import store as module
from edge.trace.store import RUN, Store, segments, write_whole

S = 1_000_000_000


def store(folder: Path, name: str = "run", minutes: float = 10, most_bytes: int = 10**9) -> Store:
    return Store(folder, name, {"format": 1}, minutes, most_bytes)


def numbers(folder: Path, run: str = "run") -> list[int]:
    return [held.number for held in segments(folder / run)]


def test_segments_lie_beside_what_says_what_ran(tmp_path: Path) -> None:
    store(tmp_path).write(0, 5 * S, [b"ab", b"c"])
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir() if path.name != RUN} == {
        "000000-5000.box": b"abc"
    }


def test_the_oldest_go_so_that_there_are_never_more_bytes_than_allowed(tmp_path: Path) -> None:
    kept = store(tmp_path, most_bytes=350)
    for n in range(9):
        kept.write(n, n * S, [bytes(100)])
        assert sum(held.size for held in segments(tmp_path / "run")) <= 350
    assert numbers(tmp_path) == [6, 7, 8]


def test_the_oldest_go_once_there_are_more_minutes_than_allowed(tmp_path: Path) -> None:
    kept = store(tmp_path, minutes=1)
    for n in range(100):
        kept.write(n, n * 2 * S, [b"x"])
    assert len(numbers(tmp_path)) in (31, 32)
    assert numbers(tmp_path)[-1] == 99


def test_earlier_runs_count_and_go_first_with_their_folders(tmp_path: Path) -> None:
    for name in ("run-1", "run-2"):
        earlier = store(tmp_path, name)
        for n in range(2):
            earlier.write(n, n * S, [bytes(100)])
    kept = store(tmp_path, "run-3", most_bytes=350)
    kept.write(0, 0, [bytes(100)])
    assert numbers(tmp_path, "run-2") == [0, 1]
    assert not (tmp_path / "run-1").exists()
    kept.write(1, S, [bytes(100)])
    assert numbers(tmp_path, "run-2") == [1]


def test_a_full_disk_costs_the_oldest_segment_and_not_the_newest(tmp_path: Path, monkeypatch) -> None:
    kept = store(tmp_path)
    kept.write(0, 0, [b"x"])
    kept.write(1, S, [b"x"])

    def full(path: Path, parts: Sequence[bytes]) -> None:
        if len(numbers(tmp_path)) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_whole(path, parts)

    monkeypatch.setattr(module, "write_whole", full)
    kept.write(2, 2 * S, [b"x"])
    assert numbers(tmp_path) == [1, 2]


def test_a_disk_that_earlier_runs_have_filled_takes_a_new_one(tmp_path: Path, monkeypatch) -> None:
    earlier = store(tmp_path, "run-1")
    for n in range(3):
        earlier.write(n, n * S, [b"x"])

    def full(path: Path, parts: Sequence[bytes]) -> None:
        if len(numbers(tmp_path, "run-1")) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_whole(path, parts)

    monkeypatch.setattr(module, "write_whole", full)
    store(tmp_path, "run-2").write(0, 0, [b"x"])
    assert numbers(tmp_path, "run-2") == [0]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch) -> None:
    def broken(handle: int) -> None:
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(module.os, "fsync", broken)
    with pytest.raises(OSError, match="I/O"):
        write_whole(tmp_path / "file", [b"x"])
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_made_when_it_can_be(tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("in the way")
    kept = store(tmp_path / "deep" / "box")
    with pytest.raises(OSError):
        kept.write(0, 0, [b"x"])
    (tmp_path / "deep").unlink()
    kept.write(1, S, [b"x"])
    assert numbers(tmp_path / "deep" / "box") == [1]
