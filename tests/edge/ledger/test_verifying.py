"""Whatever is done to a ledger is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.cli import main
from edge.errors import LedgerFault, UsageFault
from edge.ledger.blocks import blocks, segments
from edge.ledger.entries import Event
from edge.ledger.verifying import verify
from edge.ledger.writing import LedgerWriter
from tests.edge.ledger.test_writing import decision, write

MANY = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """Three segments of blocks and checkpoints, by two runs."""
    folder = tmp_path_factory.mktemp("whole")
    for run in ("one", "two"):
        writer = LedgerWriter(folder, run, 50_000, lambda: [Event(0, "profile", about="abc")])
        for number in range(14):
            writer.append([decision(number * 3 + n, run) for n in range(3)], (number * 50, number * 50_000_000))
            if number % 7 == 6:
                writer.checkpoint((number * 50, number * 50_000_000))
        writer.close((900, 900_000_000))
    assert len(segments(folder)) >= 3
    return folder


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "copy")
    return tmp_path / "copy"


def found(folder: Path, **more) -> str:
    with pytest.raises(LedgerFault) as fault:
        verify(folder, **more)
    assert "\n" not in str(fault.value) and str(folder) in str(fault.value)
    return str(fault.value)


def test_a_whole_ledger_is_whole(whole: Path) -> None:
    checked = verify(whole)
    assert checked.entries == 2 * 14 * 3 + len(segments(whole))
    assert (checked.first, checked.unsigned, checked.notes) == (0, 0, [])
    assert checked.key == (whole / "ledger.pub").read_text().strip()
    assert checked.bytes == sum(path.stat().st_size for path in segments(whole))


@pytest.mark.slow
@MANY
@given(st.data())
def test_any_byte_that_is_changed_is_found(whole: Path, data) -> None:
    path = data.draw(st.sampled_from([*segments(whole), whole / "ledger" / "head.json"]))
    raw = path.read_bytes()
    spoilt = bytearray(raw)
    spoilt[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(spoilt)
    try:
        found(whole)
    finally:
        path.write_bytes(raw)


@pytest.mark.slow
@MANY
@given(st.data())
def test_any_block_that_is_dropped_repeated_or_moved_is_found(whole: Path, data) -> None:
    path = data.draw(st.sampled_from(segments(whole)))
    raw = path.read_bytes()
    parts = [raw[at : at + block.size] for at, block in blocks(memoryview(raw))]
    one = data.draw(st.integers(0, len(parts) - 1))
    how = data.draw(st.sampled_from(("drop", "repeat", "move", "all after")))
    other = data.draw(st.integers(0, len(parts) - 1).filter(lambda n: n != one))
    without = parts[:one] + parts[one + 1 :]
    changed = {
        "drop": without,
        "repeat": parts[: one + 1] + parts[one:],
        "all after": parts[:one],
        "move": [*without[:other], parts[one], *without[other:]],
    }[how]
    path.write_bytes(b"".join(changed))
    try:
        found(whole)
    finally:
        path.write_bytes(raw)


@pytest.mark.slow
@MANY
@given(st.data())
def test_an_end_that_is_cut_off_anywhere_is_found(whole: Path, data) -> None:
    path = segments(whole)[-1]
    raw = path.read_bytes()
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw) - 1))])
    try:
        found(whole)
    finally:
        path.write_bytes(raw)


@pytest.mark.parametrize("which", [0, 1, -1])
def test_a_segment_that_is_taken_away_is_found(copy: Path, which: int) -> None:
    segments(copy)[which].unlink()
    assert "missing" in found(copy)


def test_what_somebody_else_wrote_with_a_key_of_his_own_is_found(copy: Path, tmp_path: Path) -> None:
    noted = (copy / "ledger.pub").read_text().strip()
    write(tmp_path / "forged", range(5))
    assert verify(tmp_path / "forged").entries == 5
    assert "not by this machine's key" in found(tmp_path / "forged", key=noted)


def test_the_end_of_an_open_run_is_missed_by_who_saw_it(tmp_path: Path) -> None:
    write(tmp_path, range(5), close=False)
    seen = verify(tmp_path)
    (path,) = segments(tmp_path)
    ends = [at for at, _ in blocks(memoryview(path.read_bytes()))]
    path.write_bytes(path.read_bytes()[: ends[-1]])
    assert verify(tmp_path).unsigned == 4
    assert "missing" in found(tmp_path, head=f"{seen.last}:{seen.hash}")
    with pytest.raises(UsageFault, match="must be NUMBER:HASH"):
        verify(tmp_path, head="5")


def test_what_a_power_cut_left_is_told_until_the_next_start_mends_it_and_is_a_note_then(tmp_path: Path) -> None:
    write(tmp_path, range(5), close=False)
    (path,) = segments(tmp_path)
    path.write_bytes(path.read_bytes()[:-9])
    assert "a power cut leaves that" in found(tmp_path)
    write(tmp_path, range(5, 8), "two")
    checked = verify(tmp_path)
    assert len(checked.notes) == 1 and "was cut off" in checked.notes[0]


def test_blocks_that_vanished_before_a_start_stay_missed(tmp_path: Path) -> None:
    write(tmp_path, range(5))
    (path,) = segments(tmp_path)
    ends = [at for at, _ in blocks(memoryview(path.read_bytes()))]
    path.write_bytes(path.read_bytes()[: ends[-2]])
    write(tmp_path, range(5, 8), "two")
    assert "are gone" in found(tmp_path)


def test_the_oldest_may_go_when_a_checkpoint_says_so(tmp_path: Path) -> None:
    write(tmp_path, range(60), most=16_000)
    checked = verify(tmp_path)
    assert checked.first > 0
    segments(tmp_path)[0].unlink()
    assert "begins with block" in found(tmp_path)


def test_the_command_says_in_one_line_what_is_wrong_and_where(copy: Path, capsys) -> None:
    assert main(["audit", "verify", str(copy)]) == 0
    out = capsys.readouterr().out
    assert "none was changed" in out and "head " in out
    path = segments(copy)[1]
    raw = bytearray(path.read_bytes())
    raw[200] ^= 1
    path.write_bytes(raw)
    assert main(["audit", "verify", str(copy)]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and str(path) in said.err
    assert main(["audit", "verify", str(copy / "nowhere")]) == 2
