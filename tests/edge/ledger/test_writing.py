"""What is written can be read, over restarts and cuts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import UsageFault
from edge.ledger import writing
from edge.ledger.blocks import blocks, segments
from edge.ledger.checkpoint import KEY, Head
from edge.ledger.entries import Decision, Event, LookNote
from edge.ledger.packing import pack, unpack
from edge.ledger.reading import read
from edge.ledger.writing import LedgerWriter

SHARE = st.integers(0, 10_000).map(lambda part: part / 10_000)
SCORES = st.tuples(SHARE, SHARE, SHARE, SHARE)
NAME = st.text(max_size=20)
INSTANT = st.integers(0, 2**62)
LOOK = st.builds(LookNote, st.integers(0, 10**9), st.sampled_from((0.0, 12.25, 0.001234)), SHARE, SCORES)
DECISION = st.builds(
    Decision,
    *(NAME, INSTANT, st.integers(0, 15), st.sampled_from((None, 55.5, 61.0)), st.lists(LOOK, max_size=3).map(tuple)),
    *(NAME, SHARE, SHARE, SCORES, NAME, NAME, NAME, NAME, st.none() | NAME, st.none() | NAME),
    *(st.none() | INSTANT, st.none() | INSTANT, st.none() | INSTANT, st.none() | SHARE, st.none() | NAME),
    st.integers(0, 12),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAME,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=5,
)
EVENT = st.builds(
    Event, INSTANT, NAME, st.none() | NAME, st.none() | NAME, st.none() | NAME, st.dictionaries(NAME, JSON, max_size=3)
)
MOST = 10_000_000


def decision(number: int, run: str = "run") -> Decision:
    look = LookNote(number, 12.5, 0.01, (0.9, 0.05, 0.03, 0.02))
    return Decision(
        *(f"{run}.{number}", number * 50_000_000, number % 2, 55.5, (look,) * 3, "green", 0.9, 0.01, look.scores),
        *("crate", "graded", "factory@0123456789ab", "abcdefabcdef", "left", "fired"),
        *(number * 50_000_000 + 9, number * 50_000_000 + 99, 7),
    )


def write(folder: Path, numbers: range, run: str = "run", most: int = MOST, close: bool = True) -> None:
    writer = LedgerWriter(folder, run, most)
    for number in numbers:
        writer.append([decision(number, run)], (number * 50, number * 50_000_000))
    writer.close((0, 0)) if close else writer.abandon()


def numbers_in(folder: Path) -> list[int]:
    return [int(each.entry.track_id.split(".")[1]) for each in read(folder) if isinstance(each.entry, Decision)]


@settings(max_examples=50)
@given(DECISION | EVENT)
def test_an_entry_comes_back_as_it_went(entry) -> None:
    assert unpack(pack(entry)) == entry


def test_what_was_written_is_read_in_order_over_restarts(tmp_path: Path) -> None:
    write(tmp_path, range(5), "one")
    write(tmp_path, range(5, 9), "two")
    found = list(read(tmp_path))
    assert [each.entry for each in found] == [decision(n, "one" if n < 5 else "two") for n in range(9)]
    assert [each.run_id for each in found] == ["one"] * 5 + ["two"] * 4


@pytest.mark.slow
def test_nothing_but_a_part_of_the_last_block_is_lost_wherever_the_power_goes(tmp_path: Path) -> None:
    write(tmp_path, range(6), close=False)
    (path,) = segments(tmp_path)
    whole = path.read_bytes()
    ends: list[int] = []
    for size in range(len(whole), -1, -61):
        path.write_bytes(whole[:size])
        found = numbers_in(tmp_path) if size else []
        assert found == list(range(len(found)))
        write(tmp_path, range(100, 101), "next")
        assert numbers_in(tmp_path) == [*found, 100]
        ends.append(len(found))
        for each in segments(tmp_path):
            each.unlink()
    assert ends == sorted(ends, reverse=True) and ends[0] == 6 and ends[-1] == 0


def test_the_next_run_says_that_an_end_was_cut_off(tmp_path: Path) -> None:
    write(tmp_path, range(3), close=False)
    (path,) = segments(tmp_path)
    path.write_bytes(path.read_bytes()[:-5])
    write(tmp_path, range(3, 4), "next")
    (said,) = [each.entry for each in read(tmp_path) if isinstance(each.entry, Event)]
    assert said.kind == "cut" and "was cut off" in str(said.said["found"])


@pytest.mark.slow
def test_the_oldest_segments_go_and_what_explains_the_rest_is_said_again(tmp_path: Path) -> None:
    profile = Event(0, "profile", about="abc", said={"belt": {"speed_mm_s": 600}})
    writer = LedgerWriter(tmp_path, "run", 20_000, lambda: [profile])
    for number in range(120):
        writer.append([replace(decision(number), label=f"{number * 7919 % 9973:09d}" * 20)], (number, number))
    writer.close((120, 120))
    assert sum(path.stat().st_size for path in segments(tmp_path)) <= 20_000
    entries = [each.entry for each in read(tmp_path)]
    assert entries[0] == profile
    assert numbers_in(tmp_path) == list(range(numbers_in(tmp_path)[0], 120)) and numbers_in(tmp_path)[0] > 0


def test_two_runs_do_not_write_one_ledger(tmp_path: Path) -> None:
    writer = LedgerWriter(tmp_path, "run", MOST)
    with pytest.raises(OSError, match="another run writes it"):
        LedgerWriter(tmp_path, "other", MOST)
    writer.abandon()
    LedgerWriter(tmp_path, "other", MOST).abandon()


def test_the_key_is_nobody_elses_and_stays(tmp_path: Path) -> None:
    write(tmp_path, range(1))
    secret = (tmp_path / "ledger.key").read_bytes()
    write(tmp_path, range(1, 2))
    assert (tmp_path / "ledger.key").read_bytes() == secret and len(secret) == 32
    assert (tmp_path / "ledger.key").stat().st_mode & 0o777 == 0o600


def test_a_folder_without_a_ledger_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="no ledger here"):
        list(read(tmp_path))


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_entries_between_two_times_are_those_between_them(tmp_path_factory, data) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    write(folder, range(8))
    whole = list(read(folder))
    since, until = sorted(data.draw(st.tuples(*[st.sampled_from([each.utc for each in whole])] * 2)))
    assert list(read(folder, since, until)) == [each for each in whole if since <= each.utc < until]


def test_a_disk_that_failed_as_the_ledger_was_opened_leaves_it_to_be_opened_again(tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir(parents=True)
    (tmp_path / KEY).mkdir()  # nothing can be read from it, or written to it
    with pytest.raises(OSError, match="directory"):
        LedgerWriter(tmp_path, "run", 10_000_000)
    (tmp_path / KEY).rmdir()
    LedgerWriter(tmp_path, "run", 10_000_000).close((0, 0))


def test_a_segment_whose_head_could_not_be_written_explains_itself_all_the_same(tmp_path: Path, monkeypatch) -> None:
    def full(ledger: Path, head: Head) -> None:
        raise OSError(28, "No space left on device")

    writer = LedgerWriter(tmp_path, "run", MOST, lambda: [Event(0, "profile", about="carried")])
    with monkeypatch.context() as bad:
        bad.setattr(writing, "write_head", full)
        with pytest.raises(OSError, match="No space"):
            writer.append([decision(0)], (0, 0))
    writer.append([decision(0)], (0, 0))
    writer.close((1, 1))
    (path,) = segments(tmp_path)
    first = [unpack(line) for _, block in list(blocks(memoryview(path.read_bytes())))[1:2] for line in block.lines()]
    assert first == [Event(0, "profile", about="carried")]
