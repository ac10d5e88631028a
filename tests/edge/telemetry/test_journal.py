"""The journal: what outlives a kill at any instruction, and what a reader makes of a file that is torn or foreign."""

import pytest

from edge.telemetry.journal import Journals, Noted
from edge.telemetry.messages import Message

SIZE = 4_096


def noted(seq: int, key: str | None = None, is_draft: bool = False) -> Noted:
    return Noted(Message("track", "tracks", b'{"n": %d}' % seq, False, "run1", seq), key, is_draft)


@pytest.fixture
def journals(tmp_path):
    made = Journals(tmp_path, "run1", "boot1", SIZE)
    yield made
    made.close(keep=True)


def left(folder) -> list[int]:
    """The numbers that the next run finds, in its order. The one before it has ended."""
    found = Journals(folder, "run2", "boot1", SIZE)
    numbers = [each.message.seq for one in found.left for each in one.noted]
    found.close(keep=False)
    return numbers


def test_what_was_noted_is_found_in_order_over_turns(journals, tmp_path):
    for seq in range(1, 10):
        journals.add(noted(seq))
        if seq % 3 == 0:
            journals.turn()
    journals.close(keep=True)
    assert left(tmp_path) == [7, 8, 9]


def test_a_turn_forgets_what_was_saved_and_keeps_the_last_tick(journals, tmp_path):
    journals.add(noted(1))
    journals.turn()
    journals.add(noted(2))
    journals.turn()
    journals.add(noted(3))
    journals.close(keep=True)
    assert left(tmp_path) == [2, 3]


def test_drafts_and_what_they_are_settled_by_come_back_as_they_were(journals, tmp_path):
    said = [noted(0, "fruit-1", is_draft=True), noted(1, "fruit-1"), noted(2)]
    for one in said:
        journals.add(one)
    journals.close(keep=True)
    found = Journals(tmp_path, "run2", "boot1", SIZE)
    assert [each for one in found.left for each in one.noted] == said
    found.close(keep=False)


def test_a_full_file_says_which_numbers_it_could_not_hold(journals, tmp_path):
    for seq in range(1, 101):
        journals.add(noted(seq))
    journals.close(keep=True)
    found = Journals(tmp_path, "run2", "boot1", SIZE)
    (one,) = (each for each in found.left if each.noted)
    assert one.unnoted == (one.noted[-1].message.seq + 1, 100)
    found.close(keep=False)


def test_a_torn_record_ends_the_file_and_spoils_none_before_it(journals, tmp_path):
    for seq in range(1, 6):
        journals.add(noted(seq))
    journals.close(keep=True)
    (path,) = (path for path in tmp_path.iterdir() if b'"n": 5' in path.read_bytes())
    path.write_bytes(path.read_bytes().replace(b'"n": 4', b'"n": X'))
    assert left(tmp_path) == [1, 2, 3]


@pytest.mark.parametrize("content", [b"", b"x", b"no journal" * 100, b"sorter1\n"])
def test_a_foreign_file_is_passed_over(journals, tmp_path, content):
    (tmp_path / "000009.journal").write_bytes(content)
    journals.add(noted(1))
    journals.close(keep=True)
    assert left(tmp_path) == [1]


def test_files_of_a_process_that_lives_are_left_to_it(journals, tmp_path):
    journals.add(noted(1))
    assert left(tmp_path) == []
    journals.add(noted(2))
    journals.close(keep=True)
    assert left(tmp_path) == [1, 2]


def test_no_room_for_a_file_is_an_error_and_not_a_signal_later(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        Journals(tmp_path / "file" / "below", "run1", "boot1", SIZE)
