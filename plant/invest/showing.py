"""The ranking as a page, as JSON, and as lines for a terminal."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plant.invest.basis import Basis
from plant.invest.options import Option
from plant.invest.posterior import Known
from plant.report.page import document, heading, money, table, verdict
from plant.report.svg import Whisker, whiskers

_WIDTH = 36


def told(basis: Basis, known: Known, ranked: Sequence[Option]) -> dict[str, Any]:
    """As JSON."""
    return {
        "format": 1,
        "site": basis.plant.site,
        "machine": basis.plant.machine,
        "currency": known.money.currency,
        "from": min(basis.days).isoformat(),
        "to": max(basis.days).isoformat(),
        "fruit": basis.fruit,
        "fruit_a_month": round(float(known.fruit.mean())),
        "hours_a_month": round(float(known.hours.mean()), 1),
        "judged": len(basis.judged),
        "options": [
            {
                "name": one.name,
                "what": one.what,
                "value": round(one.value, 2),
                "interval": [round(edge, 2) for edge in one.interval],
                "at_least": round(one.sure, 2),
                "why": one.why,
            }
            for one in ranked
        ],
    }


def page(found: Mapping[str, Any]) -> str:
    """One HTML document that fetches nothing."""
    currency, options = found["currency"], found["options"]
    where = " · ".join(part for part in (found["site"], found["machine"]) if part)
    best = options[0]
    parts = [
        f"<h1>Where to invest</h1><p class=soft>{html.escape(where)} · from {found['fruit']:,} fruit of "
        f"{found['from']} to {found['to']}, {found['judged']:,} of them judged by people</p>",
        verdict(
            "good" if best["at_least"] > 0 else "open",
            f"First: {best['what']}. It is worth {money(best['value'], currency)} a month "
            f"({_between(best, currency)}), before its price."
            if best["at_least"] > 0
            else "Nothing here is sure to be worth anything: have more audited fruit judged.",
        ),
        heading(
            "What each would be worth a month",
            f"In {currency}, at {found['fruit_a_month']:,} fruit and {found['hours_a_month']:,.0f} hours with fruit a "
            "month. The bar is the 95 % interval; the order is by what each is worth at the least.",
        ),
        whiskers(
            [
                Whisker(one["what"], one["value"], one["interval"], money(one["value"], currency), one["at_least"] > 0)
                for one in options
            ],
            "worth of each investment a month with its interval",
        ),
        heading("How that comes about"),
        table(("investment", "a month", "between", "because"), list(_rows(options, currency)), text=True),
        "<p class=soft>Worth is the profile's [money]; where fruit go is what people found in the audit. Each stands "
        "for itself: two investments that save the same fruit do not add up. None has its own price taken off, but a "
        "person's pay.</p>",
    ]
    return document(f"Where to invest · {where}", parts)


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The ranked plot in letters, the widest bar first."""
    options, currency = found["options"], found["currency"]
    top = max((one["interval"][1] for one in options), default=0.0) or 1.0
    name = max(len(one["what"]) for one in options)
    yield f"worth a month, {currency}, and between what at 95 %; ranked by the least"
    for one in options:
        sure, high = (max(0, round(_WIDTH * value / top)) for value in (one["at_least"], one["interval"][1]))
        bar = "█" * sure + "-" * max(0, high - sure)
        yield f"{one['what']:<{name}}  {bar:<{_WIDTH}}  {one['value']:>10,.0f}  {_between(one, '').strip()}"


def _rows(options: Sequence[Mapping[str, Any]], currency: str) -> Iterator[tuple[str, str, str, str]]:
    for one in options:
        yield one["what"], money(one["value"], currency), _between(one, currency), one["why"]


def _between(one: Mapping[str, Any], currency: str) -> str:
    low, high = one["interval"]
    return f"{money(low, '').strip()} to {money(high, currency)}"
