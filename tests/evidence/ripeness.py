"""The factory bundle on a camera of which it knows nothing, and its ripeness by where the fruit come from."""

from __future__ import annotations

from edge.bundle import FACTORY, load_bundle
from tests.evidence.trial import NO_PHOTOGRAPHS, Finding, Trial, at_least, at_most, is_so, photographs
from training.evaluation.shown import lab_figures, ripeness_figures

SKINS = 40
"""Held-out rendered skins of each grade, at least."""


def another_camera(_trial: Trial) -> Finding:
    """`lab/`, every photograph; the hue rule beside the bundle."""
    folder = photographs()
    if folder is None:
        return NO_PHOTOGRAPHS
    found = lab_figures(load_bundle(FACTORY), folder)
    targets = [
        at_most("wrong of 66, unknown and damaged among them", found["wrong"], 3),
        at_most("called damaged", found["called_damaged"], 2),
        is_so("all 66 are graded", found["passages"] == 66),
    ]
    return Finding(found, targets)


def ripeness(trial: Trial) -> Finding:
    """One look each; balanced over the grades that the fruit of a place have."""
    folder = photographs()
    if folder is None:
        return NO_PHOTOGRAPHS
    found = ripeness_figures(load_bundle(FACTORY), folder, trial.count(60, 4))
    targets = [
        at_least("green and turning on another camera, balanced accuracy", found["lab"]["value"], 0.95),
        at_least("held-out rendered fruit, balanced accuracy", found["rendered"]["value"], 0.95),
        at_least("red on held-out photographs", found["red"]["value"], 0.95),
        at_least("rendered skins of the rarest grade", min(found["rendered"]["fruit_by_grade"].values()), SKINS),
    ]
    return Finding(found, targets)
