"""Kept pictures on the disk: bounded, whole or not there, the least useful gone first."""

import errno

import pytest

from edge.kept import Word, fruit_folders, read_fruit
from edge.trace.album import Album
from tests.edge.trace.fruit import DAY, a_fruit


def an_album(folder, bytes_a_day=1_000_000, days=30.0) -> Album:
    return Album(folder / "pictures", bytes_a_day, days)


def a_word(n: int, label: str | None = "red", user: str = "anna", **changed) -> Word:
    return Word(f"run.{n}", user, f"c{n}", f"{DAY}T11:00:00.000Z", label, **changed)


def test_what_is_kept_reads_back_with_what_people_said(tmp_path):
    album = an_album(tmp_path)
    kept, pictures = a_fruit(1)
    assert album.add(kept, pictures)
    assert album.note(a_word(1, seconds=0.8))
    (folder,) = fruit_folders(tmp_path / "pictures")
    assert read_fruit(folder) == (kept, pictures, [a_word(1, seconds=0.8)])


def test_a_new_start_finds_what_was_kept_and_clears_what_a_cut_left_half_written(tmp_path):
    before = an_album(tmp_path)
    before.add(*a_fruit(1))
    before.note(a_word(1))
    part = tmp_path / "pictures" / DAY / ".part-run.9"
    part.mkdir()
    (part / "1.webp").write_bytes(b"x")
    assert an_album(tmp_path).held == before.held
    assert not part.exists()


def test_a_torn_fruit_is_as_one_that_is_not_there(tmp_path):
    album = an_album(tmp_path)
    album.add(*a_fruit(1))
    (tmp_path / "pictures" / DAY / "run.1" / "1.webp").write_bytes(b"torn")
    assert album.read("run.1") is None
    (tmp_path / "pictures" / DAY / "run.1" / "track.json").write_bytes(b"{")
    assert an_album(tmp_path).held == {}


def test_a_day_takes_no_more_than_its_bytes_and_the_oldest_doubtful_go_first(tmp_path):
    album = an_album(tmp_path, bytes_a_day=5_000)
    for n in range(6):
        album.add(*a_fruit(n, "random" if n == 0 else "doubtful"))
    held = album.held
    assert sum(entry.bytes for entry in held.values()) <= 5_000
    assert set(held) == {"run.0", "run.5", "run.4"}


def test_what_is_of_less_use_never_pushes_out_what_is_of_more(tmp_path):
    album = an_album(tmp_path, bytes_a_day=4_000)
    album.add(*a_fruit(1, "audited"))
    album.add(*a_fruit(2, "random"))
    assert not album.add(*a_fruit(3, "doubtful"))
    assert album.add(*a_fruit(4, "flagged"))
    assert set(album.held) == {"run.1", "run.4"}


def test_what_somebody_judged_is_the_last_to_go(tmp_path):
    album = an_album(tmp_path, bytes_a_day=4_000)
    album.add(*a_fruit(1, "doubtful"))
    album.note(a_word(1))
    album.add(*a_fruit(2, "flagged"))
    album.add(*a_fruit(3, "flagged"))
    assert set(album.held) == {"run.1", "run.3"}


def test_what_is_older_than_it_may_be_is_deleted_judged_or_not(tmp_path):
    album = an_album(tmp_path, days=2)
    album.add(*a_fruit(1, at="2026-01-01T10:00:00.000Z"))
    album.note(a_word(1))
    album.add(*a_fruit(2, at="2026-01-02T10:00:00.000Z"))
    assert set(album.held) == {"run.1", "run.2"}
    album.add(*a_fruit(3, at="2026-01-03T10:00:00.000Z"))
    assert set(album.held) == {"run.2", "run.3"}
    assert not (tmp_path / "pictures" / "2026-01-01").exists()


def test_on_a_full_disk_the_least_useful_makes_room(tmp_path, monkeypatch):
    album = an_album(tmp_path)
    album.add(*a_fruit(1))
    full, write = [True], album._write

    def once_full(*given):
        if full.pop():
            full.append(False)
            raise OSError(errno.ENOSPC, "No space left on device")
        full.append(False)
        write(*given)

    monkeypatch.setattr(album, "_write", once_full)
    assert album.add(*a_fruit(2))
    assert set(album.held) == {"run.2"}


def test_a_disk_that_is_nearly_full_is_left_to_others(tmp_path, monkeypatch):
    album = an_album(tmp_path)
    album.add(*a_fruit(1))
    monkeypatch.setattr(album, "_free", lambda: 1_000)
    assert not album.add(*a_fruit(2))
    assert list((tmp_path / "pictures").glob("*/*")) == []


def test_the_newest_word_of_each_counts_and_null_takes_it_back(tmp_path):
    album = an_album(tmp_path)
    album.add(*a_fruit(1))
    for word in (a_word(1, "red"), a_word(1, "green"), a_word(1, "red", "berta"), a_word(1, None)):
        album.note(word)
    assert {user: word.label for user, word in album.held["run.1"].judges.items()} == {"berta": "red"}
    assert an_album(tmp_path).held == album.held


def test_a_flag_raises_what_a_fruit_is_worth_and_takes_no_label_back(tmp_path):
    album = an_album(tmp_path)
    album.add(*a_fruit(1))
    album.note(a_word(1, "red"))
    album.note(a_word(1, None, flag=True))
    assert (album.held["run.1"].why, set(album.held["run.1"].judges)) == ("flagged", {"anna"})


@pytest.mark.parametrize("bad", [b"[]", b"{}", b"\xff", b'{"shots": 1}', b'{"shots": [{"file": "../x"}]}'])
def test_what_is_no_track_is_passed_over(bad, tmp_path):
    home = tmp_path / "pictures" / DAY / "run.1"
    home.mkdir(parents=True)
    (home / "track.json").write_bytes(bad)
    assert an_album(tmp_path).held == {}
