from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.trace.segments import MAGIC, pack_end, pack_entry, read_segment

ENTRIES = (({"kind": "begin"}, b""), ({"kind": "step", "n": 0.1}, bytes(range(256))), ({"kind": "look"}, b"x"))
RAW = b"".join((MAGIC, *(pack_entry(*entry) for entry in ENTRIES), pack_end(len(ENTRIES))))


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("segment") / "000000-0.box"


def read(file: Path, raw: bytes):
    file.write_bytes(raw)
    return read_segment(file)


def test_a_whole_segment_has_no_fault(file: Path) -> None:
    assert read(file, RAW).entries == ENTRIES
    assert read(file, RAW).fault is None


@given(st.integers(0, len(RAW) - 1))
def test_wherever_a_segment_is_torn_it_is_told_and_what_is_before_is_good(file: Path, length: int) -> None:
    found = read(file, RAW[:length])
    assert found.fault is not None
    assert found.entries == ENTRIES[: len(found.entries)]


@given(st.integers(0, len(RAW) - 1), st.integers(0, 7))
def test_whichever_bit_flips_it_is_told_and_what_is_before_is_good(file: Path, at: int, bit: int) -> None:
    found = read(file, RAW[:at] + bytes([RAW[at] ^ 1 << bit]) + RAW[at + 1 :])
    assert found.fault is not None
    assert found.entries == ENTRIES[: len(found.entries)]


def test_a_segment_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in (read_segment(tmp_path / "none.box").fault or "")
