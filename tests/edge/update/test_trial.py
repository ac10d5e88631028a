"""On probation: the machine stays up on the new bundle and grades no worse, or what ran before runs again."""

import random
from pathlib import Path

import pytest

from edge.datapath import Verdict
from edge.update.journal import Journal
from edge.update.refusal import Refused
from edge.update.store import Store, note_running
from edge.update.trial import FEWEST_FRUIT, Probation, worse
from edge.updates import Figures, read_figures, write_figures
from edge.watch.quality import Quality

S = 1_000_000_000
OLD, NEW = "old@0123456789ab", "new@ba9876543210"
USUAL = Figures(bundle=OLD, fruit=5_000, doubtful=150, unknown=25, damaged=400)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


JOURNAL = Journal(state="probation", bundle=NEW, run_before="run-1", before=USUAL)


def judged(store: Store, figures: Figures, run: str = "run-2", bundle: str = NEW) -> bool:
    """After a minute of ten."""
    note_running(store.folder, bundle, run)
    write_figures(store.folder, figures)
    probation = Probation(60 * S)
    assert not probation.judge(store, JOURNAL, 0)
    return probation.judge(store, JOURNAL, 60 * S)


def good(fruit: int) -> Figures:
    return Figures(bundle=NEW, fruit=fruit, doubtful=fruit // 33, unknown=fruit // 200, damaged=fruit // 12)


def test_a_bundle_that_does_as_well_stays(store: Store) -> None:
    assert judged(store, good(FEWEST_FRUIT))


def test_without_fruit_nobody_knows(store: Store) -> None:
    assert not judged(store, good(FEWEST_FRUIT - 1))


def test_a_machine_that_has_not_started_anew_is_waited_for(store: Store) -> None:
    assert not judged(store, good(FEWEST_FRUIT), run="run-1", bundle=OLD)


def test_a_machine_that_came_back_on_the_old_bundle_did_not_stay_up(store: Store) -> None:
    with pytest.raises(Refused, match="did not stay up"):
        judged(store, good(0), bundle=OLD)


@pytest.mark.parametrize("name", ["doubtful", "unknown", "damaged"])
def test_a_bundle_that_rejects_far_more_is_taken_back(store: Store, name: str) -> None:
    with pytest.raises(Refused, match=f"{name}: 60 of 100 fruit") as refused:
        judged(store, good(100).model_copy(update={name: 60}))
    assert refused.value.why == "quality"


def graded(shares: dict[str, float], seed: int, most: int = 2_000) -> int | None:
    """Fruit until a bundle with these shares is taken back; None where it is not within so many."""
    chance = random.Random(seed)
    counts = dict.fromkeys(shares, 0)
    for fruit in range(1, most + 1):
        drawn = chance.random()
        for name, share in shares.items():
            if 0 <= drawn < share:
                counts[name] += 1
            drawn -= share
        if fruit % 10 == 0 and worse(USUAL, Figures(bundle=NEW, fruit=fruit, **counts)):
            return fruit
    return None


@pytest.mark.slow
def test_a_good_update_is_not_taken_back_by_chance() -> None:
    usual = {"doubtful": 0.03, "unknown": 0.005, "damaged": 0.08}
    assert [seed for seed in range(30) if graded(usual, seed) is not None] == []


@pytest.mark.slow
def test_an_update_that_doubts_a_third_of_the_fruit_is_taken_back_soon() -> None:
    needed = sorted(graded({"doubtful": 0.33, "unknown": 0.005, "damaged": 0.08}, seed) or 10_000 for seed in range(50))
    assert needed[25] <= 80
    assert needed[-1] <= 250


def test_a_machine_without_a_past_takes_nothing_back_for_its_figures() -> None:
    assert worse(Figures(), Figures(bundle=NEW, fruit=500, doubtful=500)) == ""


def verdict(reason: str, label: str = "red") -> Verdict:
    return Verdict("run.1", label, 0.9, 0.0, (0.0, 0.0, 1.0, 0.0), "red", reason, 0, NEW, "profile")


def test_the_line_counts_what_a_bundle_answers_for_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    quality = Quality(tmp_path, NEW)
    for reason in ("graded", "doubtful", "unknown", "crowded", "shed", "gateless", "lost"):
        quality.put(verdict(reason))
    quality.put(verdict("graded", "damaged"))
    quality.close()
    assert read_figures(tmp_path) == Figures(bundle=NEW, fruit=4, doubtful=1, unknown=1, damaged=1)
    again = Quality(tmp_path, NEW)
    again.put(verdict("graded"))
    again.close()
    assert read_figures(tmp_path).fruit == 5
    Quality(tmp_path, OLD).close()
    other = Quality(tmp_path, OLD)
    other.put(verdict("graded"))
    other.close()
    assert read_figures(tmp_path) == Figures(bundle=OLD, fruit=1)


def test_a_folder_that_takes_nothing_does_not_stop_the_count(tmp_path: Path) -> None:
    quality = Quality(tmp_path / "nowhere", NEW)
    quality.put(verdict("graded"))
    quality.close()
    assert read_figures(tmp_path / "nowhere") == Figures()
