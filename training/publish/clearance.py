"""What a bundle's release stands on: its evaluation, its comparison with the bundle that runs, and a waiver with a name
and a reason for every criterion that they do not meet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.bundle import Bundle
from edge.errors import ReleaseFault, UsageFault
from edge.indicators import Criterion
from edge.release import Waiver
from training.gate import Judged, criteria, judge, read_report, report_file

ALL = "all"
AGAINST = "against.json"
COMPARISON = {
    "compared-fruit": Criterion(
        says="audited fruit that both bundles were compared on",
        figure="fruit",
        at_least=30,
        why="on fewer, a bundle that is clearly worse passes too often",
    ),
    "compared-right": Criterion(
        says="of these, fruit that the new bundle has right beyond those of the old one",
        figure="gained",
        at_least=0,
        why="a bundle that is right about fewer of them is no better",
    ),
}
"""What a bundle must show before it takes the place of another."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """What goes into the release: the sha256 of the report.json, and the waivers."""

    evaluation_sha256: str | None = None
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Against:
    """The comparison that is asked for: with `old`, which the channel names, and the folder that `sorter evaluate
    --against` wrote, if one is given."""

    old: str
    folder: Path | None


def clear(
    bundle: Bundle,
    evaluation: Path | None,
    waived: Sequence[str],
    whys: Sequence[str],
    by: str | None,
    against: Against | None = None,
) -> Cleared:
    """With a waiver for each criterion that is not met. Without `against` there is nothing to be compared with.

    Raises ReleaseFault where one is neither met nor waived; UsageFault for a waiver of nothing, without a name or a
    reason, and for the evaluation or the comparison of other bundles.
    """
    report: dict[str, Any] = {}
    digest = None
    if evaluation is not None:
        report = read_report(evaluation, bundle.identity)
        digest = hashlib.sha256(report_file(evaluation).read_bytes()).hexdigest()
    judged = judge(report, criteria()) + (judge(_comparison(bundle.identity, against), COMPARISON) if against else [])
    open_ones = {one.name: one for one in judged if one.state != "met"}
    reasons = _reasons(waived, whys, by, open_ones)
    left = [one for one in open_ones.values() if one.name not in reasons]
    if left:
        told = "; ".join(f"{one.name} {_found(one)}" for one in left)
        missing = "" if evaluation else "no --evaluation is given (sorter evaluate writes it), so "
        raise ReleaseFault(
            f"{bundle.identity}: {missing}{len(left)} release criteria are not met: {told}; make a better bundle, or "
            f"give --waive NAME (or {ALL}) --why TEXT --by NAME"
        )
    said_utc = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    waivers = (
        Waiver(criterion=name, found=_found(open_ones[name]), why=why, by=by or "", said_utc=said_utc)
        for name, why in reasons.items()
    )
    return Cleared(digest, tuple(waivers))


def _comparison(new: str, against: Against) -> dict[str, Any]:
    """The comparison's figures, none where no folder is given. Raises UsageFault."""
    if against.folder is None:
        return {}
    file = against.folder / AGAINST
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        compared, right = (found["new"], found["old"]), found["right"]
        figures = {"fruit": found["fruit"], "gained": right["new"] - right["old"]}
    except OSError as error:
        raise UsageFault(f"{file}: {error.strerror}; give the folder that sorter evaluate --against wrote") from None
    except (ValueError, KeyError, TypeError):
        raise UsageFault(f"{file}: no comparison; give the folder that sorter evaluate --against wrote") from None
    if compared != (new, against.old):
        raise UsageFault(
            f"{file}: compares {compared[0]} with {compared[1]}, not {new} with {against.old}, which the channel names"
        )
    return figures


def _reasons(
    waived: Sequence[str], whys: Sequence[str], by: str | None, open_ones: dict[str, Judged]
) -> dict[str, str]:
    """The reason for each criterion that is waived."""
    if not waived:
        if whys or by:
            raise UsageFault("--why and --by go with --waive")
        return {}
    if not (by or "").strip() or not all(why.strip() for why in whys):
        raise UsageFault("a waiver has a name and a reason: give --by NAME and --why TEXT")
    if len(whys) not in {1, len(waived)}:
        raise UsageFault(f"{len(waived)} --waive and {len(whys)} --why: give one reason for all, or one for each")
    reasons: dict[str, str] = {}
    for number, name in enumerate(waived):
        why = whys[number if len(whys) > 1 else 0]
        if name != ALL and name not in open_ones:
            allowed = ", ".join(open_ones) or "none: all criteria are met"
            raise UsageFault(f"--waive {name}: nothing to waive; not met are: {allowed}")
        reasons |= dict.fromkeys(open_ones, why) | reasons if name == ALL else {name: why}
    return reasons


def _found(one: Judged) -> str:
    return "unmeasured" if one.found is None else f"{one.found:g}, {one.limit}"
