"""Which fruit's pictures are kept, and what is answered to who asks for them."""

import random
import shutil

import cv2
import numpy as np
import pytest

from edge.kept import AskedList, AskedPictures, Chunk, Listed, Word, fruit_folders, read_fruit, unstreamed
from edge.trace import answering
from edge.trace.pictures import MOST_SHOTS, Pictures
from tests.edge.trace.fruit import DAY, pass_by, with_history

NS = 1_000_000_000


class Never(random.Random):
    def random(self) -> float:
        return 0.999


@pytest.fixture
def pictures(tmp_path) -> Pictures:
    return Pictures(with_history(tmp_path), lambda: f"{DAY}T10:00:00.000Z", Never())


def held(tmp_path) -> dict[str, str]:
    return {folder.name: read_fruit(folder)[0].why for folder in fruit_folders(tmp_path / "pictures")}


def say(pictures: Pictures, n: int, label: str | None = "green", user: str = "anna", **changed) -> None:
    pictures.say(Word(f"run.{n}", user, "c1", f"{DAY}T11:00:00.000Z", label, **changed))
    pictures.step(0)


def asked(pictures: Pictures, user: str = "anna", most: int = 20) -> Listed:
    assert pictures.ask(AskedList(user, "c", most))
    pictures.step(0)
    answer = pictures.answered()
    assert isinstance(answer, Listed)
    return answer


def test_doubtful_unknown_and_audited_fruit_are_kept_and_no_others(pictures, tmp_path):
    pass_by(pictures, 1)
    pass_by(pictures, 2, reason="doubtful")
    pass_by(pictures, 3, label="unknown", reason="unknown")
    pass_by(pictures, 4, reason="audited")
    pass_by(pictures, 5, confidence=0.3)
    pass_by(pictures, 6, reason="crowded")
    pictures.step(0)
    assert held(tmp_path) == {"run.2": "doubtful", "run.3": "unknown", "run.4": "audited", "run.5": "doubtful"}
    assert (pictures.kept("run.2"), pictures.kept("run.1"), pictures.kept("run.9")) == (2, 0, None)


def test_how_many_are_kept_is_told_only_once_they_are_on_the_disk(pictures, tmp_path):
    pass_by(pictures, 1, reason="audited")
    assert pictures.kept("run.1") is None
    pictures.step(0)
    assert pictures.kept("run.1") == len(read_fruit(next(fruit_folders(tmp_path / "pictures")))[1]) == 2


def test_a_small_share_of_all_is_kept_at_random(tmp_path):
    pictures = Pictures(with_history(tmp_path), lambda: f"{DAY}T10:00:00.000Z", random.Random(3))
    for n in range(2_000):
        pass_by(pictures, n, looks=1)
        pictures.step(0)
    assert 1 <= len(held(tmp_path)) <= 12
    assert set(held(tmp_path).values()) == {"random"}


def test_a_picture_is_the_crop_with_its_outline_as_alpha(pictures, tmp_path):
    pass_by(pictures, 1, reason="doubtful")
    pictures.step(0)
    (folder,) = fruit_folders(tmp_path / "pictures")
    rgba = cv2.imread(str(folder / "1.webp"), cv2.IMREAD_UNCHANGED)
    assert rgba.shape == (40, 30, 4)
    assert set(np.unique(rgba[:, :2, 3])) == {0}
    blue, green, red, alpha = rgba[20, 15].astype(int)
    assert (abs(red - 200) < 12, abs(green - 30) < 12, blue < 20, alpha) == (True, True, True, 255)


@pytest.mark.parametrize(("looks", "kept"), [(3, [0, 1, 2]), (9, [0, 2, 4, 8]), (13, [0, 4, 8, 12])])
def test_of_many_looks_some_are_kept_evenly_over_the_passage_whatever_their_scores(pictures, tmp_path, looks, kept):
    pass_by(pictures, 1, reason="doubtful", looks=looks)  # each shows more damage than the one before it
    pictures.step(0)
    (folder,) = fruit_folders(tmp_path / "pictures")
    assert [shot.frame for shot in read_fruit(folder)[0].shots] == kept
    assert len(kept) <= MOST_SHOTS


def test_a_fruit_that_is_still_at_hand_is_kept_when_a_person_flags_or_judges_it(pictures, tmp_path):
    for n in range(3):
        pass_by(pictures, n)
    pictures.step(0)
    say(pictures, 0, None, flag=True)
    say(pictures, 1, "damaged")
    say(pictures, 99, "damaged")
    assert held(tmp_path) == {"run.0": "flagged", "run.1": "flagged"}


def test_doubtful_fruit_come_in_no_faster_than_the_days_bytes_allow(tmp_path):
    pictures = Pictures(with_history(tmp_path, picture_bytes_a_day=86_400), lambda: f"{DAY}T10:00:00.000Z", Never())
    for n in range(100):
        pass_by(pictures, n, reason="doubtful")
        pictures.step(0)
    first = len(held(tmp_path))
    assert 2 <= first < 40
    pictures.step(NS)
    pictures.step(2_000 * NS)
    for n in range(100, 110):
        pass_by(pictures, n, reason="doubtful")
        pictures.step(2_000 * NS)
    assert len(held(tmp_path)) > first


def test_the_lines_thread_is_never_waited_for_and_what_it_may_hold_is_bounded(pictures):
    for n in range(200):
        pass_by(pictures, n)
    assert len(pictures._queue) <= 500
    pictures.step(0)
    assert len(pictures._queue) == 0


def test_no_drawn_fruit_goes_uncounted_however_much_waits(pictures):
    for n in range(420):  # no room for the looks of the last, nor, in the end, for their verdicts
        pass_by(pictures, n, reason="graded" if n < 300 else "audited")
    pictures.step(0)
    assert pictures.unpictured() == 120


def test_drawn_fruit_without_pictures_are_counted_and_others_are_not(pictures, tmp_path):
    pass_by(pictures, 1, reason="audited")
    pass_by(pictures, 2, reason="audited", looks=0)
    pass_by(pictures, 3, reason="unknown", looks=0)
    pictures.step(0)
    assert (set(held(tmp_path)), pictures.unpictured()) == ({"run.1"}, 1)
    shutil.rmtree(tmp_path / "pictures")
    (tmp_path / "pictures").write_bytes(b"a file where the folder should be")
    pass_by(pictures, 4, reason="audited")
    pictures.step(0)
    assert pictures.unpictured() == 2


def test_a_disk_that_fails_costs_pictures_and_nothing_else(pictures, tmp_path, caplog):
    (tmp_path / "pictures").write_bytes(b"a file where the folder should be")
    pass_by(pictures, 1, reason="doubtful")
    assert pictures.step(0) > 0
    pictures.close()


def test_the_list_asks_for_flagged_then_audited_and_shows_no_verdict(pictures):
    for n, reason in enumerate(("doubtful", "audited", "unknown", "graded")):
        pass_by(pictures, n, reason=reason)
    pictures.step(0)
    say(pictures, 3, None, flag=True)
    listed = asked(pictures)
    assert [item.why for item in listed.items][:2] == ["flagged", "audited"]
    assert listed.waiting == 4
    assert not {"label", "confidence", "scores", "outlet"} & set(listed.items[0].__slots__)


def test_what_was_judged_is_asked_for_no_more_but_some_by_a_second_person(pictures):
    for n in range(40):
        pass_by(pictures, n, reason="doubtful")
        pictures.step(0)
        say(pictures, n, "green", seconds=1.5)
    assert asked(pictures).items == ()
    again = asked(pictures, "berta", 50).items
    assert 1 <= len(again) <= 20
    for item in again:
        say(pictures, int(item.track_id[4:]), "green" if item is again[0] else "red", "berta")
    people = asked(pictures, "berta").people
    assert (people["anna"].judged, people["anna"].median_s) == (40, 1.5)
    assert (people["berta"].shared, people["berta"].agreed) == (len(again), 1)


@pytest.mark.slow
def test_a_third_is_asked_about_some_of_what_two_have_judged_whether_or_not_they_agree(pictures):
    for n in range(150):
        pass_by(pictures, n, reason="doubtful", looks=1)
        pictures.step(0)
        say(pictures, n, "green")
    second = asked(pictures, "berta", 50).items
    for n, item in enumerate(second):
        say(pictures, int(item.track_id[4:]), "green" if n % 2 else "red", "berta")
    both = {item.track_id for item in second}
    third = [item for item in asked(pictures, "carl", 200).items if item.track_id in both]
    assert 1 <= len(third) < len(second) / 2
    assert {second.index(item) % 2 for item in third} == {0, 1}
    assert not any("green" in item.because or "red" in item.because for item in third)
    for item in third:
        say(pictures, int(item.track_id[4:]), "green", "carl")
    assert not both & {item.track_id for item in asked(pictures, "dora", 200).items}


def test_a_label_that_is_taken_back_puts_the_fruit_back_into_the_row(pictures):
    pass_by(pictures, 1, reason="doubtful")
    pictures.step(0)
    say(pictures, 1, "green")
    assert asked(pictures).items == ()
    say(pictures, 1, None)
    assert [item.track_id for item in asked(pictures).items] == ["run.1"]


def test_pictures_come_in_parts_from_wherever_one_asks(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(answering, "CHUNK", 300)
    pass_by(pictures, 1, reason="doubtful")
    pictures.step(0)
    stream, total = b"", 1
    while len(stream) < total:
        assert pictures.ask(AskedPictures("anna", "c", "run.1", len(stream)))
        pictures.step(0)
        chunk = pictures.answered()
        assert isinstance(chunk, Chunk)
        assert chunk.offset == len(stream)
        total, stream = chunk.total, stream + chunk.data
    (folder,) = fruit_folders(tmp_path / "pictures")
    assert total > 900
    assert unstreamed(stream) == read_fruit(folder)


def test_all_that_was_judged_is_listed_page_by_page(pictures):
    for n in range(5):
        pass_by(pictures, n, reason="doubtful")
        pictures.step(0)
        say(pictures, n, "green" if n else None, seconds=1.0)
    found, after = [], None
    while True:
        pictures.ask(AskedList("anna", "c", 2, True, after))
        pictures.step(0)
        page = pictures.answered().items
        if not page:
            break
        found += [item.track_id for item in page]
        after = found[-1]
    assert found == ["run.1", "run.2", "run.3", "run.4"]


def test_pictures_that_are_not_kept_are_said_to_be_none(pictures):
    pictures.ask(AskedPictures("anna", "c", "run.9", 0))
    pictures.step(0)
    chunk = pictures.answered()
    assert isinstance(chunk, Chunk)
    assert (chunk.total, chunk.data) == (0, b"")


def test_who_asks_too_much_at_once_is_refused(pictures):
    assert sum(pictures.ask(AskedList("anna", str(n), 5)) for n in range(50)) == 16
