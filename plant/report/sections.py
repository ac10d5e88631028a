"""The report's page, from the top: what a manager needs first, then each part with its figures."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime, tzinfo

from plant.report.details import Report, audit, changes, incidents, indicators, local, money_part, people
from plant.report.page import card, cards, document, heading, money, percent, said_of, table, verdict, within
from plant.report.svg import Whisker, stacks, whiskers

_KINDS = {"shift": "Shift", "lot": "Lot", "bundle": "Bundle", "span": "Time"}
_TONES = {"meets": "good", "does not meet": "bad", "undecided": "open"}


def page(report: Report, zone: tzinfo) -> str:
    """One HTML document; times of day in `zone`."""
    of = report["of"]
    title = f"{_KINDS[of['kind']]} {of['title']}"
    where = " · ".join(part for part in (of["site"], of["machine"]) if part)
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        f"<p class=soft>{html.escape(where)} · written {local(report['made_utc'], zone)}</p>",
        *_verdicts(report),
        cards(_cards(report)),
        *indicators(report, zone),
        *_timeline(report, zone),
        *_purity(report),
        *_lots(report),
        *audit(report),
        *money_part(report),
        *incidents(report, zone),
        *people(report),
        *changes(report, zone),
    ]
    return document(f"{title} · {where}", parts)


def _verdicts(report: Report) -> Iterator[str]:
    for outlet, held in report["lots"].items():
        for one in held.values():
            said = one["sentence"].partition(" (open:")[0]
            yield verdict(_TONES[one["says"]], f"{outlet} {said}.")
    stops = [one for one in report["incidents"] if one["severity"] == "error"]
    if stops:
        lost_s = sum(one["seconds"] or 0 for one in stops)
        yield verdict("bad", f"The machine stopped itself {times(len(stops))}, for {lost_s / 60:.1f} minutes in all.")
    for one in report["indicators"].values():
        burning = [burn for burn in one["burns"] if burn["to_utc"] is None]
        if burning:
            yield verdict(
                "bad", f"{one['says']}: the budget burns {burning[0]['rate']:g} times too fast: {burning[0]['says']}."
            )
    for text in dict.fromkeys(one["what"] for one in report["drift"]):
        yield verdict("open", f"{text[:1].upper()}{text[1:]}.")
    yield from _covered(report)


def _covered(report: Report) -> Iterator[str]:
    """What the audit does not know."""
    found = report["audit"]
    if not found["judged"]:
        yield verdict("open", "Nobody has judged an audited fruit: nothing here says how right the machine was.")
    if found["missing"]:
        share = percent(found["missing"] / found["drawn"])
        yield verdict("open", f"{share} of the audited fruit have no pictures and nobody judged them.")


def _cards(report: Report) -> Iterator[str]:
    through, pulses = report["throughput"], report["pulses"]
    yield card(f"{report['fruit']:,}", "fruit", f"{through['busy_hours']:g} hours with fruit")
    if through["per_hour"] is not None:
        yield card(f"{through['per_hour']:,.0f}/h", "throughput", f"{through['kg_per_hour']:,.0f} kg/h")
    yield card(percent(report["yield"]["share"]), "yield", "of all fruit into outlets of sound grades")
    right = report["right"]
    yield card(
        percent(right["value"]), "sent where they belong", f"{within(right['interval'])}, {right['fruit']} audited"
    )
    yield card(
        percent(pulses["missed_share"], 2),
        "deadlines missed",
        f"of {pulses['fired'] + pulses['late'] + pulses['refused']:,} pulses",
    )
    if report["money"]:
        found = report["money"]
        over = found["ways"].get("machine over people") or found["ways"]["machine"]
        low, high = (money(edge, "") for edge in over["per_hour_interval"])
        name = "an hour over people alone" if "people" in found["ways"] else "brought an hour"
        yield card(money(over["per_hour"], found["currency"]), name, f"{low.strip()} to {high.strip()}")


def times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _timeline(report: Report, zone: tzinfo) -> Iterator[str]:
    names = list(report["outlets"])
    bars = [(datetime.fromisoformat(row["utc"]), row["minutes"], row["outlets"]) for row in report["timeline"]]
    spans = [
        (
            datetime.fromisoformat(one["from_utc"]),
            datetime.fromisoformat(one["to_utc"]) if one["to_utc"] else None,
            one["severity"],
        )
        for one in report["incidents"]
    ]
    if bars:
        yield heading("Throughput", "Fruit a minute by outlet. The marks above are incidents.")
        yield stacks(bars, names, spans, zone, "fruit a minute over time, by outlet")


def _purity(report: Report) -> Iterator[str]:
    yield heading(
        "Purity of each outlet",
        "Of the fruit sent there, the share that belongs there, from the audit: drawn at random whatever the verdict, "
        "judged by people. Bars are 95 % intervals.",
    )
    rows = [
        Whisker(
            f"{outlet} ({one['fruit']:,} fruit)",
            one["purity"]["value"],
            one["purity"]["interval"],
            said_of(one["purity"]),
        )
        for outlet, one in report["outlets"].items()
        if "purity" in one
    ]
    yield whiskers(rows, "purity of each outlet with its interval", high=1.0)


def _lots(report: Report) -> Iterator[str]:
    if not report["lots"]:
        return
    yield heading(
        "Against the grade standard",
        "Each outlet's fruit, the inspected ones among them. The shares are bounds that hold however often this is "
        "read and more fruit are inspected; a statement of either kind is wrong for at most 1 lot in 20. Where the "
        "audit drew by several shares, fruit are left out at random as if it had always drawn by the least. Drawn "
        "fruit that wait to be judged are counted as the worst that they may be.",
    )
    for outlet, held in report["lots"].items():
        for one in held.values():
            mark = {True: "✓ within", False: "? open"}
            rows = [
                (
                    limit["says"],
                    f"{limit['bad']['worst']} of {one['inspected']:,}",
                    f"{percent(limit['low'])} to {percent(limit['high'])}",
                    percent(limit["at_most"], 0),
                    "✗ beyond" if limit["low"] > limit["at_most"] else mark[limit["holds"]],
                )
                for limit in one["limits"]
            ]
            head = f"{outlet}, {one['fruit']:,} fruit"
            yield f"<p><b>{html.escape(head)}</b> {html.escape(one['sentence'])}.</p>"
            yield table(("limit on", "found", "the lot's share", "allowed", ""), rows)
