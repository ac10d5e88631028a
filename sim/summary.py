"""A run's report for people: a table in a terminal, plain lines where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from edge.datapath import BELT_END
from edge.incidents import CATALOGUE

_COLOURS = {"green": "green", "turning": "yellow", "red": "red", "damaged": "magenta"}


def show(report: Mapping[str, Any], console: Console) -> None:
    """Print what came of the run."""
    if not console.is_terminal:
        for line in plain(report):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
        return
    console.print(_fates(report))
    console.print(_outlets(report))
    console.print(_grades(report))
    for line in plain(report)[3:]:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def plain(report: Mapping[str, Any]) -> list[str]:
    """The same as lines of text."""
    fates = ", ".join(f"{n} {fate}" for fate, n in report["fates"].items() if n)
    outlets = ", ".join(
        f"{name} {told['fruit']}" + (f" ({told['purity']:.1%} pure)" if told["purity"] is not None else "")
        for name, told in report["outlets"].items()
    )
    pulses, latency, slack = report["pulses"], report["latency_ms"], report["slack_ms"]
    lines = [
        f"fruit: {report['fruit']}, {_number(report['fruit_per_s_lane'])} a second and lane; fates: {fates}",
        f"outlets: {outlets}",
        f"by true grade: {', '.join(_grade_text(label, told) for label, told in report['grades'].items())}",
    ]
    if report["never_faced"] is not None:
        lines.append(f"damage that never faced the camera: {report['never_faced']:.1%} of the damaged fruit")
    lines += [f"{told['at_s']:.1f} s: {told['state']}: {_told(told)}" for told in report["incidents"]]
    if report["aim"]["stopped_at_gate"]:
        lines.append(f"the belt stopped with {report['aim']['stopped_at_gate']} fruit at their gate: counted apart")
    return [
        *lines,
        f"pulses: {pulses['fired']} fired, {pulses['late']} late, {pulses['refused']} refused; "
        f"{report['ghosts']} tracks without a fruit",
        f"last picture to verdict: {_number(latency['p50'])} ms median, {_number(latency['p99'])} ms p99; "
        f"time left then: {_number(slack['min'])} ms at least",
        f"perception {report['perception']}, bundle {report['bundle']}, profile {report['profile']}",
        f"simulated {report['sim_s']:.1f} s in {report['wall_s']:.1f} s",
    ]


def _told(incident: Mapping[str, Any]) -> str:
    return CATALOGUE[incident["code"]].say(incident, over=incident["state"] == "cleared")


def _fates(report: Mapping[str, Any]) -> Table:
    table = Table(title=f"{report['scenario']}, seed {report['seed']}: {report['fruit']} fruit")
    table.add_column("fate")
    table.add_column("fruit", justify="right")
    table.add_column("share", justify="right")
    for fate, n in report["fates"].items():
        style = "bold green" if fate == "right" else "bold red" if n else "dim"
        table.add_row(fate, str(n), f"{n / report['fruit']:.2%}" if report["fruit"] else "", style=style)
    return table


def _outlets(report: Mapping[str, Any]) -> Table:
    table = Table(title="outlets")
    for column in ("outlet", "fruit", "purity"):
        table.add_column(column, justify="left" if column == "outlet" else "right")
    for name, told in report["outlets"].items():
        pure = "" if told["purity"] is None else f"{told['purity']:.1%}"
        table.add_row("belt's end" if name == BELT_END else name, str(told["fruit"]), pure, style=_COLOURS.get(name))
    return table


def _grades(report: Mapping[str, Any]) -> Table:
    """Physical fruit: how many different ones stand behind a figure, however often each has passed."""
    table = Table(title="by true grade")
    for column in ("grade", "fruit", "right", "physical fruit", "95 % by fruit"):
        table.add_column(column, justify="left" if column == "grade" else "right")
    for label, told in report["grades"].items():
        if isinstance(told, str):
            table.add_row(label, "", told, "0", "", style="dim")
        else:
            table.add_row(label, str(told["fruit"]), f"{told['share']:.1%}", str(told["physical"]), _interval(told))
    return table


def _grade_text(label: str, told: Mapping[str, Any] | str) -> str:
    if isinstance(told, str):
        return f"{label} {told}"
    span = f", {_interval(told)}" if told["interval"] else ""
    return f"{label} {told['share']:.1%} right ({told['physical']} physical fruit{span})"


def _interval(told: Mapping[str, Any]) -> str:
    return "" if told["interval"] is None else "{:.1%} to {:.1%}".format(*told["interval"])


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
