"""The release gate: a bundle's report held to the criteria of `firmware_config/indicators.toml`, and the waivers that a
person may put in place of one that is not met."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from edge.errors import UsageFault
from edge.indicators import INDICATORS, Criterion, agreed

__all__ = ["INDICATORS", "Criterion", "Judged", "State", "criteria", "judge", "passed", "read_report", "report_file"]

State = Literal["met", "missed", "unmeasured"]


class Judged(BaseModel):
    """A criterion and what the report says of it. `interval` and `fruit` where the figure has them."""

    model_config = ConfigDict(frozen=True)

    name: str
    criterion: Criterion
    found: float | None
    state: State
    interval: tuple[float, float] | None = None
    fruit: int | None = None

    @property
    def limit(self) -> str:
        """`at least 0.95`."""
        one = self.criterion
        return f"at least {one.at_least:,}" if one.at_least is not None else f"at most {one.at_most:,}"


def criteria(path: Path = INDICATORS) -> dict[str, Criterion]:
    """The criteria by name, in the file's order. Raises UsageFault naming every fault."""
    return agreed(path).criteria


def judge(report: Mapping[str, Any], asked: Mapping[str, Criterion]) -> list[Judged]:
    """Every criterion, in order, held to what the report found."""
    return [_judged(name, one, report) for name, one in asked.items()]


def passed(judged: Sequence[Judged]) -> bool:
    """Whether all of them are met: what was not measured is not."""
    return all(one.state == "met" for one in judged)


def report_file(path: Path) -> Path:
    return path / "report.json" if path.is_dir() else path


def read_report(path: Path, bundle: str) -> dict[str, Any]:
    """The report of `sorter evaluate`: its report.json, or the folder that holds it. Raises UsageFault where there is
    none, or where it is of another bundle than `bundle` (`name@digest`)."""
    file = report_file(path)
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageFault(f"{file}: {error.strerror}; give the folder that sorter evaluate wrote") from None
    except ValueError as error:
        raise UsageFault(f"{file}: not JSON: {error}; give the folder that sorter evaluate wrote") from None
    of = report.get("bundle") if isinstance(report, dict) else None
    if of != bundle:
        raise UsageFault(f"{file}: is the evaluation of {of or 'nothing'}, not of {bundle}; sorter evaluate it anew")
    return dict(report)


def _judged(name: str, one: Criterion, report: Mapping[str, Any]) -> Judged:
    found: Any = report
    holder: Any = None
    for key in one.figure.split("."):
        holder, found = found, found.get(key) if isinstance(found, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return Judged(name=name, criterion=one, found=None, state="unmeasured")
    # Written so that NaN is missed, not met.
    met = found >= one.at_least if one.at_least is not None else found <= (one.at_most or 0.0)
    of = holder if one.figure.endswith(".value") else {}
    return Judged(
        name=name,
        criterion=one,
        found=float(found),
        state="met" if met else "missed",
        interval=of.get("interval"),
        fruit=of.get("fruit"),
    )
