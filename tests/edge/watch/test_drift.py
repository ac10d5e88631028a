"""Decay is noticed, its cause is named, and a season is none."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.datapath import LABELS, Look, Scene, StepInputs, Track, Verdict
from edge.incidents import CATALOGUE
from edge.watch.drift import Drift
from edge.watch.kept import FILE, arrays_of, write
from tests.edge.watch.fruit import BUNDLE, Season, fed, replace, watched, well

OTHER = "better@0123456789ab"


def test_a_season_that_turns_the_mix_about_is_no_decay():
    drift = well(Season(mix=(0.6, 0.3, 0.05, 0.05)))
    for n, ripe in enumerate((0.2, 0.5, 0.8, 0.3)):
        assert fed(drift, 2 + n, 400, Season(mix=(0.9 - ripe, 0.05, ripe, 0.05))) == []


def test_a_grade_that_comes_into_season_late_is_learned_then():
    drift = well(Season(mix=(0.5, 0.5, 0, 0)))
    assert fed(drift, 2, 800, Season(mix=(0, 0, 1, 0))) == []
    assert fed(drift, 3, 600, Season(mix=(0, 0, 1, 0), new=0.6))[:1] == ["drift_cultivar"]


@pytest.mark.parametrize(
    ("season", "cause"),
    [
        (Season(light=-0.4), "drift_lamp"),
        (Season(tint=0.2), "drift_lamp"),
        (Season(blur=0.5), "drift_lens"),
        (Season(blur=0.5, light=-0.2, tint=0.1), "drift_lens"),
        (Season(new=0.4), "drift_cultivar"),
        (Season(doubt=0.3), "drift_unexplained"),
    ],
)
def test_a_cause_is_named_by_what_has_moved(season: Season, cause: str):
    drift = well()
    assert fed(drift, 2, 400) == []
    assert fed(drift, 3, 1_000, season) == [cause]


def test_what_moves_when_a_bundle_takes_over_is_the_bundles_doing():
    drift = well()
    assert fed(drift, 2, 500, Season(doubt=0.3), OTHER) == ["drift_bundle"]


def test_a_bundle_that_is_as_good_takes_over_in_peace_and_is_known_by_its_own_fruit_then():
    drift = well()
    assert fed(drift, 2, 700, bundle=OTHER) == []
    assert drift.reference.bundle == OTHER
    assert fed(drift, 3, 600, Season(new=0.5), OTHER) == ["drift_cultivar"]


def test_an_aged_lamp_is_not_forgotten_because_a_bundle_took_over():
    drift = well()
    assert fed(drift, 2, 550, bundle=OTHER) == []
    told = fed(drift, 3, 600, Season(light=-0.2), OTHER)
    assert told[:1] == ["drift_lamp"]


def test_a_lamp_that_is_replaced_ends_the_alarm():
    drift = well()
    assert fed(drift, 2, 300, Season(light=-0.4)) == ["drift_lamp"]
    assert fed(drift, 3, 1_000) == ["-drift_lamp"]
    assert fed(drift, 4, 300, Season(light=-0.4)) == ["drift_lamp"]


def test_what_is_usual_outlives_a_restart(tmp_path: Path):
    before = Drift(watched(), BUNDLE, tmp_path)
    fed(before, 1, 600)
    before.keep(0)
    after = Drift(watched(), BUNDLE, tmp_path)
    assert after.reference.ready
    assert fed(after, 2, 300, Season(light=-0.4)) == ["drift_lamp"]
    after.keep(0)
    assert [told.code for told in Drift(watched(), BUNDLE, tmp_path).news()] == ["drift_lamp"]


@pytest.mark.parametrize("broken", [b"", b"PK", "half"])
def test_a_broken_memory_is_learned_anew(tmp_path: Path, broken: bytes | str):
    before = Drift(watched(), BUNDLE, tmp_path)
    fed(before, 1, 600)
    before.keep(0)
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(broken if isinstance(broken, bytes) else whole[: len(whole) // 2])
    after = Drift(watched(), BUNDLE, tmp_path)
    assert after.fruit == 0
    assert fed(after, 2, 600) == []


def test_records_of_a_line_are_understood_whatever_they_lack():
    drift = Drift(watched(), BUNDLE)
    drift.put(StepInputs(1, (), None, (), Scene(120.0)))
    drift.put(StepInputs(2, (), None, (), Scene(120.0, None, (40.0, 70.0, 120.0))))
    for n in range(700):
        even = (0.0, 0.1, 0.9, 0.0)
        features = None if n % 2 else np.zeros(4, np.int8)
        looks = (Look(f"r.{n}", 1, 3.0, even, 0.01, features, None if n % 3 else (100.0, 50.0, 50.0)),) * (n % 4)
        label = (*LABELS, "unknown")[n % 5]
        drift.put(Track(f"r.{n}", 0, 0, 0.0, 58.0, looks))
        drift.put(Verdict(f"r.{n}", label, 0.9, 0.01, even, "end", "graded", 0, BUNDLE, "p"))
    assert drift.fruit == 700 * 3 // 4


def test_every_entry_says_its_figures():
    drift = well()
    fed(drift, 2, 300, Season(blur=0.5))
    assert drift.figures["detail"] == pytest.approx(100 * np.exp(-0.5), abs=4)
    assert all(entry.say(drift.figures) for code, entry in CATALOGUE.items() if code.startswith("drift_"))
    assert "blur" in str(drift.figures["moved"])


def test_a_season_is_told_as_news_once_and_as_no_incident(caplog: pytest.LogCaptureFixture):
    drift = well()
    with caplog.at_level("INFO"):
        assert fed(drift, 2, 3_400, Season(mix=(0.05, 0.15, 0.75, 0.05))) == []
    assert [record.levelname for record in caplog.records if "the season has changed" in record.getMessage()] == [
        "INFO"
    ]


def test_a_bundle_is_not_blamed_for_what_had_moved_before_it_took_over():
    for season, cause in (
        (Season(new=0.6, doubt=0.2), "drift_cultivar"),
        (Season(doubt=0.3), "drift_unexplained"),
        (Season(light=-0.4), "drift_lamp"),
    ):
        drift = well()
        assert fed(drift, 2, 800, season) == [cause]
        assert fed(drift, 3, 1_500, season, OTHER) == []
        assert drift.alarm == cause


def test_a_bundle_that_takes_over_while_an_alarm_stands_is_blamed_for_what_moves_then():
    drift = well()
    assert fed(drift, 2, 800, Season(doubt=0.15)) == ["drift_unexplained"]
    assert fed(drift, 3, 1_000, Season(doubt=0.6), OTHER) == ["-drift_unexplained", "drift_bundle"]


def test_what_had_moved_and_was_not_told_yet_is_told_and_not_as_the_bundles_doing():
    drift = well()
    assert fed(drift, 2, 80, Season(new=0.7, doubt=0.3)) == []
    assert fed(drift, 3, 500, Season(new=0.7, doubt=0.3), OTHER) == ["drift_cultivar"]


@pytest.mark.parametrize("new", [Season(new=0.6), Season(hue=0.4), Season(new=0.6, hue=0.4)])
def test_a_bundle_that_was_taught_the_new_fruit_ends_the_alarm_and_is_known_by_them_then(new: Season):
    drift = well()
    assert fed(drift, 2, 800, replace(new, doubt=0.2)) == ["drift_cultivar"]
    assert fed(drift, 3, 400, new, OTHER) == ["-drift_cultivar"]
    assert fed(drift, 4, 1_500, new, OTHER) == []
    assert drift.reference.bundle == OTHER
    assert fed(drift, 5, 600, replace(new, doubt=0.3), OTHER) == ["drift_unexplained"]


def test_fruit_whose_colour_moves_at_a_takeover_are_not_the_bundles_doing():
    drift = well()
    assert fed(drift, 2, 500, Season(hue=0.4, doubt=0.3), OTHER) == ["drift_cultivar"]


def test_what_had_moved_before_a_takeover_outlives_a_restart(tmp_path: Path):
    before = Drift(watched(), BUNDLE, tmp_path)
    fed(before, 1, 600)
    assert fed(before, 2, 800, Season(doubt=0.3)) == ["drift_unexplained"]
    before.keep(0)
    after = Drift(watched(), OTHER, tmp_path)
    list(after.news())
    assert fed(after, 3, 1_000, Season(doubt=0.3), OTHER) == []


@pytest.mark.parametrize(("code", "figures"), [("drift_gone", {}), ("drift_lamp", {}), (["drift_lamp"], {})])
def test_an_alarm_on_disk_that_cannot_be_told_is_dropped_and_the_rest_is_kept(
    tmp_path: Path, code: Any, figures: dict[str, float], caplog: pytest.LogCaptureFixture
):
    before = Drift(watched(), BUNDLE, tmp_path)
    fed(before, 1, 600)
    before.alarm, before.figures = code, figures
    write(tmp_path, arrays_of(before))
    after = Drift(watched(), BUNDLE, tmp_path)
    assert list(after.news()) == []
    assert (after.alarm, after.reference.ready) == (None, True)
    assert "an alarm that it does not know" in caplog.text
