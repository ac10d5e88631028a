"""How many pictures of a label a bundle was trained on, as the command line has it."""

from __future__ import annotations

from collections.abc import Iterable

from edge.datapath import LABELS
from edge.errors import UsageFault


def pictures(said: Iterable[str]) -> dict[str, float]:
    """From `LABEL=N`. Raises UsageFault."""
    found: dict[str, float] = {}
    for one in said:
        label, _, count = one.partition("=")
        if label not in LABELS or not count.isdecimal() or int(count) < 1:
            raise UsageFault(f"--trained {one}: must be LABEL=N, the label one of {', '.join(LABELS)}")
        found[label] = float(count)
    return found
