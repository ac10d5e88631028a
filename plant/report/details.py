"""The parts of the report's page behind the first look: audit, money, incidents, people, changes."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from plant.report.page import NOTHING, heading, money, percent, said_of, share, table
from plant.report.svg import Whisker, whiskers

Report = Mapping[str, Any]


def local(utc: str | None, zone: tzinfo) -> str:
    """An instant of the report as people of the plant read it."""
    return datetime.fromisoformat(utc).astimezone(zone).strftime("%Y-%m-%d %H:%M") if utc else NOTHING


_STATES = {"met": "✓ met", "missed": "✗ missed", "unmeasured": "? unmeasured"}


def indicators(report: Report, zone: tzinfo) -> Iterator[str]:
    """What was agreed beforehand, and when its budgets burnt too fast."""
    found = report["indicators"]
    yield heading(
        "Against what was agreed",
        "Targets of indicators.toml over what is reported, and what is left of each window's budget of bad events.",
    )
    rows = [
        (
            one["says"],
            percent(one["value"], 2),
            percent(one["target"], 3).replace(".000", "").replace("00 %", " %"),
            _STATES[one["state"]],
            percent(one["budget_left"], 0),
        )
        for one in found.values()
    ]
    yield table(("of", "found", "target", "", "budget left"), rows)
    burns = [
        (
            one["says"],
            f"{burn['rate']:g} times too fast",
            local(burn["from_utc"], zone),
            local(burn["to_utc"], zone) if burn["to_utc"] else "still",
            burn["says"],
        )
        for one in found.values()
        for burn in one["burns"]
    ]
    if burns:
        yield "<h3>Budgets that burnt too fast</h3>"
        yield table(("of", "burnt", "from", "to", ""), burns, text=True)


def audit(report: Report) -> Iterator[str]:
    found = report["audit"]
    cost = (
        f" Inspecting them cost {found['cost']:,.2f}: people's time, and what they would have brought on their way."
        if found["cost"]
        else ""
    )
    yield heading(
        "What the machine gets right",
        f"{found['drawn']:,} fruit were drawn, {found['judged']:,} judged, on {found['disputed']:,} people "
        f"disagree and {found['open']:,} still open, {found['missing']:,} of them without pictures.{cost}",
    )
    if not found["judged"]:
        return
    grades = found["grades"]
    yield whiskers(
        [
            Whisker(f"{grade}: {what}", one[what]["value"], one[what]["interval"], said_of(one[what]), what == "recall")
            for grade, one in grades.items()
            for what in ("recall", "precision")
        ],
        "recall and precision of each grade with intervals",
        high=1.0,
    )
    yield "<p class=soft>Recall: of the fruit of a grade, those called so. Precision: of those called so, those right."
    said = list(next(iter(found["confusion"].values())))
    rows = [[f"{truth} in truth", *(row[name] or "·" for name in said)] for truth, row in found["confusion"].items()]
    yield table(("judged fruit", *(f"called {name}" for name in said)), rows)


def money_part(report: Report) -> Iterator[str]:
    found = report["money"]
    if not found:
        return
    yield heading(
        "Money",
        f"By the profile's worth of each fruit in each outlet, at {found['fruit_per_hour']:,.0f} fruit an hour; the "
        f"machine's, the audit's ({found['inspecting_per_hour']:,.2f} an hour) and people's own cost taken off. "
        f"A fruit reaches its outlet with a chance of {percent(found['reached'])}; the others (shed or crowded, drawn, "
        "or their gate was late) count as at the belt's end, with the grades of the judged ones. "
        f"All that is {percent(found['of_the_best']['value'])} of what perfect sorting would bring.",
    )
    rows = [
        (
            way,
            money(one["value"], found["currency"], 4),
            money(one["per_hour"], found["currency"]),
            " to ".join(money(edge, "").strip() for edge in one["per_hour_interval"]),
        )
        for way, one in found["ways"].items()
    ]
    yield table(("way", "a fruit", "an hour", "95 % interval"), rows)


def incidents(report: Report, zone: tzinfo) -> Iterator[str]:
    yield heading("Incidents", "" if report["incidents"] else "None.")
    if report["incidents"]:
        rows = [
            (
                local(one["from_utc"], zone),
                "open" if one["seconds"] is None else f"{one['seconds']:,.0f} s",
                "stopped" if one["severity"] == "error" else "warned",
                one["what"],
                one["remedy"] or "",
            )
            for one in report["incidents"]
        ]
        yield table(("from", "for", "the machine", "what", "what to do"), rows, text=True)


def people(report: Report) -> Iterator[str]:
    found = report["people"]
    if not found["words"]:
        return
    agreement = found["agreement"]
    kappa = "" if agreement["kappa"] is None else f", kappa {agreement['kappa']:.2f}"
    yield heading(
        "People",
        f"{found['words']:,} words on {found['fruit']:,} fruit; the machine was corrected on {found['corrections']:,}. "
        + (
            f"Two people say the same in {share(agreement['same'])}{kappa}."
            if agreement["pairs"]
            else "No fruit was judged by two."
        ),
    )
    rows = [
        (
            who,
            f"{one['words']:,}",
            NOTHING if one["seconds"] is None else f"{one['seconds']:.1f} s",
            _right(one["right"]),
        )
        for who, one in found["people"].items()
    ]
    rows.append(("people", "", "", _right(found["right"])))
    rows.append(("the machine", "", "", _right(found["machine"], "no audited fruit on which people agree")))
    rows.append(("both: people take what it doubts", "", "", _right(found["together"])))
    yield table(("who", "fruit", "a fruit takes", "right"), rows)
    yield (
        "<p class=soft>Right: of audited fruit alone, which stand for all. A person is held to what at least two "
        "others say of the same fruit: the review offers some to a second and a third. The machine is held to what "
        "most people say; whatever it doubts counts as wrong unless it is no tomato. An error that people share is not "
        "seen by this. Both: people are taken to err as often on fruit that the machine doubts as on others.</p>"
    )


def _right(found: Report, otherwise: str = "no audited fruit judged by two others") -> str:
    return share(found) if found["fruit"] else otherwise


def changes(report: Report, zone: tzinfo) -> Iterator[str]:
    if report["changes"]:
        yield heading("Who changed what")
        yield table(("when", "what", "said"), _events(report["changes"], zone), text=True)
    of = report["of"]
    names = [f"{name} ({n:,} fruit)" for name, n in of["bundles"].items()]
    profiles = ", ".join(of["profiles"]) or "none"
    yield f"<p class=soft>Bundles: {html.escape(', '.join(names) or 'none')}. Profiles: {html.escape(profiles)}.</p>"


def _events(events: Sequence[Mapping[str, Any]], zone: tzinfo) -> Iterator[tuple[str, str, str]]:
    for one in events:
        said = ", ".join(f"{key} {value}" for key, value in list(one["said"].items())[:6])
        by = f"by {one['who']}" if one["who"] else ""
        yield local(one["utc"], zone), " ".join(filter(None, (one["kind"], one["about"], by))), one["why"] or said
