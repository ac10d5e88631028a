"""What a bundle is held to: the count of what became of its fruit."""

from dataclasses import replace
from pathlib import Path

from edge.audited.draw import Sampled
from edge.datapath import Adopted, GatePulse, Look, Outcome, StepInputs, Track, Verdict
from edge.updates import Figures, read_figures
from edge.watch.quality import Quality

OLD, NEW = "old@0123456789ab", "new@ba9876543210"
GREEN, RED = (0.9, 0.1, 0.0, 0.0), (0.0, 0.1, 0.9, 0.0)


def verdict(reason: str, label: str = "red", bundle: str = NEW, track_id: str = "run.1") -> Verdict:
    return Verdict(track_id, label, 0.9, 0.0, (0.0, 0.0, 1.0, 0.0), "red", reason, 0, bundle, "profile")


def track(*scores: tuple[float, ...]) -> Track:
    looks = tuple(Look("run.1", n, 1.0, each, 0.0) for n, each in enumerate(scores))
    return Track("run.1", 0, 0, 100.0, 60.0, looks)


def noted(folder: Path, quality: Quality) -> Figures:
    quality.step()
    return read_figures(folder)


def test_the_line_counts_what_a_bundle_answers_for_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    quality = Quality(tmp_path, NEW)
    for reason in ("graded", "doubtful", "unknown", "crowded", "shed", "gateless", "lost"):
        quality.put(verdict(reason))
    quality.put(verdict("graded", "damaged"))
    counted = Figures(bundle=NEW, fruit=4, doubtful=1, unknown=1, damaged=1, late=1)
    assert noted(tmp_path, quality) == counted
    again = Quality(tmp_path, NEW)
    again.put(verdict("graded"))
    assert noted(tmp_path, again).fruit == 5
    other = Quality(tmp_path, OLD)
    other.put(verdict("graded", bundle=OLD))
    assert noted(tmp_path, other) == Figures(bundle=OLD, fruit=1)


def test_a_fruit_whose_looks_disagree_is_torn(tmp_path: Path) -> None:
    quality = Quality(tmp_path, NEW)
    for scores in ((GREEN, GREEN), (GREEN, RED), (RED,)):
        quality.put(track(*scores))
        quality.put(verdict("graded"))
    assert noted(tmp_path, quality).torn == 1


def test_a_pulse_that_was_too_late_counts(tmp_path: Path) -> None:
    quality = Quality(tmp_path, NEW)
    pulse = GatePulse("run.1", "red_0", 0, 1, 0, 0)
    for result in ("fired", "late", "refused"):
        quality.put(Outcome(pulse, result, None, 0))
    assert noted(tmp_path, quality).late == 1


def test_with_a_bundle_that_takes_over_the_count_begins_anew(tmp_path: Path) -> None:
    quality = Quality(tmp_path, OLD)
    quality.put(verdict("graded", bundle=OLD))
    quality.put(StepInputs(0, (), None, (), None, Adopted(NEW, "there")))
    quality.put(verdict("doubtful", bundle=OLD))
    quality.put(verdict("doubtful"))
    assert noted(tmp_path, quality) == Figures(bundle=NEW, fruit=1, doubtful=1)


def test_what_people_say_of_a_fruit_counts_once(tmp_path: Path) -> None:
    quality = Quality(tmp_path, NEW)
    for n in range(3):
        drawn = replace(verdict("audited", track_id=f"run.{n}"), audit=Sampled(0.1, "red", "graded"))
        quality.put(drawn)
    quality.audit("run.0", "red")
    quality.audit("run.1", "green")
    quality.audit("run.1", "green")
    quality.audit("another.1", "green")
    found = noted(tmp_path, quality)
    assert (found.audited, found.wrong) == (2, 1)


def test_what_people_chose_to_judge_says_nothing_of_a_bundle(tmp_path: Path) -> None:
    quality = Quality(tmp_path, NEW)
    quality.put(verdict("doubtful"))
    quality.audit("run.1", "green")
    assert noted(tmp_path, quality).audited == 0


def test_a_folder_that_takes_nothing_does_not_stop_the_count(tmp_path: Path) -> None:
    quality = Quality(tmp_path / "nowhere", NEW)
    quality.put(verdict("graded"))
    assert noted(tmp_path / "nowhere", quality) == Figures()
