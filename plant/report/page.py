"""The frame of a page that fetches nothing: style for light, dark and paper, and the pieces that pages are made of."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

STYLE = (
    ":root{color-scheme:light dark;--ground:#fff;--ink:#1b1b1b;--soft:#555;--rule:#ddd;--good:#0b6e4f;--bad:#b3261e;"
    "--open:#8a5a00}@media(prefers-color-scheme:dark){:root{--ground:#161616;--ink:#e6e6e6;--soft:#a8a8a8;--rule:#3a3a3a;"
    "--good:#5fd0a5;--bad:#ff8a80;--open:#f0b84c}}body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;"
    "max-width:60rem;padding:0 1rem;background:var(--ground);color:var(--ink)}h1{font-size:1.6rem;margin-bottom:.2rem}"
    "h2{font-size:1.2rem;margin:2.2rem 0 .3rem;break-after:avoid}p{margin:.3rem 0}"
    ".soft{color:var(--soft);font-size:.9rem}"
    ".verdict{font-size:1.1rem;border-left:.4rem solid;padding:.4rem 1rem;margin:.6rem 0}.good{color:var(--good)}"
    ".bad{color:var(--bad)}.open{color:var(--open)}.verdict span{color:var(--ink)}.wide{overflow-x:auto}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.8rem;margin:1rem 0}"
    ".card{border:1px solid var(--rule);border-radius:.4rem;padding:.6rem .8rem;break-inside:avoid}"
    ".card b{display:block;font-size:1.45rem;line-height:1.3}"
    ".card small{color:var(--soft);display:block;line-height:1.35}"
    "table{border-collapse:collapse;font-size:.9rem}td,th{padding:.3rem .7rem;border-bottom:1px solid var(--rule);"
    "text-align:right;vertical-align:top}td:first-child,th:first-child{text-align:left;padding-left:0}"
    "table:not(.text) td:not(:first-child){white-space:nowrap}"
    "table.text td,table.text th{text-align:left}td small{display:block;color:var(--soft)}td.hit{font-weight:700}"
    "svg.plot{width:100%;height:auto;margin:.4rem 0}svg text{font:13px system-ui,sans-serif;fill:var(--ink)}"
    "svg .grid{stroke:var(--rule)}svg .axis{stroke:var(--ink)}svg .whisker{stroke:var(--ink);stroke-width:2}"
    "svg .warning{fill:#B8860B}svg .error{fill:#D55E00}"
    "@media print{:root{color-scheme:light;--ground:#fff;--ink:#000;--soft:#444;--rule:#bbb;--good:#0b6e4f;"
    "--bad:#b3261e;--open:#8a5a00}body{margin:0;max-width:none;font-size:11pt}table,svg,.verdict{break-inside:avoid}"
    "*{print-color-adjust:exact}}"
)

MARK = {"good": "✓", "bad": "✗", "open": "?"}
"""Beside every tone, so that nothing is told by colour alone."""


NOTHING = "\N{EN DASH}"
"""Stands where there is no figure."""


def document(title: str, parts: Iterable[str]) -> str:
    """One HTML document."""
    head = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
        f"<meta name=viewport content='width=device-width'><style>{STYLE}</style>"
    )
    return "\n".join([head, *parts]) + "\n"


def heading(text: str, says: str = "") -> str:
    """A part's name, and what it is about in small letters."""
    soft = f"<p class=soft>{html.escape(says)}</p>" if says else ""
    return f"<h2>{html.escape(text)}</h2>{soft}"


def verdict(tone: str, text: str) -> str:
    """A sentence that a manager reads: good, bad or open."""
    return f"<p class='verdict {tone}'>{MARK[tone]} <span>{html.escape(text)}</span></p>"


def card(figure: str, name: str, more: str = "") -> str:
    """One large figure."""
    small = (f"<small>{html.escape(said)}</small>" for said in (name, more))
    return f"<div class=card>{next(small)}<b>{html.escape(figure)}</b>{next(small)}</div>"


def cards(made: Iterable[str]) -> str:
    return f"<div class=cards>{''.join(made)}</div>"


def table(head: Sequence[str], rows: Iterable[Sequence[object]], text: bool = False) -> str:
    """Cells are text; `text`: all flush left."""
    top = "".join(f"<th>{html.escape(name)}" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}" for cell in row) for row in rows)
    kind = " class=text" if text else ""
    return f"<div class=wide><table{kind}><tr>{top}{body}</table></div>"


def percent(value: float | None, digits: int = 1) -> str:
    """`94.1 %`."""
    return NOTHING if value is None else f"{100 * value:.{digits}f} %"


def within(interval: Sequence[float] | None, digits: int = 1) -> str:
    """`92.0 to 95.7 %`; empty without one."""
    return "" if interval is None else f"{100 * interval[0]:.{digits}f} to {100 * interval[1]:.{digits}f} %"


def share(found: Mapping[str, Any]) -> str:
    """A figure of `audited.figure` in one line."""
    if found.get("value") is None:
        return "nobody has looked"
    return f"{percent(found['value'])} ({within(found['interval'])})"


def said_of(found: Mapping[str, Any]) -> str:
    """`94.1 % of 310`, beside its whisker."""
    return f"{percent(found['value'])} of {found['fruit']:,}" if found["value"] is not None else "nobody has looked"


def money(value: float, currency: str, digits: int = 0) -> str:
    return f"{value:,.{digits}f} {currency}".replace("-", "\N{MINUS SIGN}")
