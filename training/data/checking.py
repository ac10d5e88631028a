"""A dataset's faults, all at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from training.data import findings, likeness
from training.data.findings import Check, Found, Measurements
from training.data.listing import Listing
from training.data.measure import measure

CHECKS: tuple[Check, ...] = (
    findings.unreadable,
    findings.leaks,
    likeness.duplicates,
    likeness.near_duplicates,
    likeness.mislabelled,
    findings.labels,
    findings.sources,
    findings.confounded,
    findings.blurred,
    findings.narrow,
)
"""In the order in which a person should mend what they find."""


def check(listing: Listing, told: Callable[[], object] = lambda: None) -> tuple[list[Found], Measurements]:
    """Every finding of every check, and what they looked at. `told` is called after each picture."""
    pictures, unread = measure(listing.rows, told)
    of = Measurements(listing, pictures, unread)
    return [found for one in CHECKS for found in one(of)], of


def summary(found: list[Found], of: Measurements) -> dict[str, Any]:
    """What `--json` writes."""
    rows = of.listing.rows
    return {
        "folder": str(of.listing.folder),
        "pictures": len(rows),
        "fruit": len({row.fruit_key for row in rows}),
        "labels": {
            label: {
                "pictures": sum(row.label == label for row in rows),
                "fruit": len({row.fruit_key for row in rows if row.label == label}),
            }
            for label in sorted({row.label for row in rows})
        },
        "findings": [
            {"code": one.code, "says": one.says, "remedy": one.remedy, "files": list(one.names)} for one in found
        ],
    }
