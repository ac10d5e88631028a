"""The report as files: report.json for machines, and one self-contained page that is read from the top. A local report:
its last part shows photographs, which belong to whoever took them."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2

from edge.errors import UsageFault
from training.evaluation.charts import charts
from training.evaluation.evaluating import Evaluation
from training.evaluation.mistakes import Mistake
from training.evaluation.tables import details
from training.evaluation.words import between, number, percent
from training.gate import Judged, passed

_STYLE = (
    ":root{color-scheme:light dark;--ground:#fff;--ink:#1b1b1b;--soft:#555;--rule:#ddd;--good:#0b6e4f;--bad:#b3261e;"
    "--open:#8a5a00}@media(prefers-color-scheme:dark){:root{--ground:#161616;--ink:#e6e6e6;--soft:#a8a8a8;--rule:#3a3a3a;"
    "--good:#5fd0a5;--bad:#ff8a80;--open:#f0b84c}}body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;"
    "max-width:62rem;padding:0 1rem;background:var(--ground);color:var(--ink)}h1{font-size:1.5rem;margin-bottom:.2rem}"
    "h2{font-size:1.2rem;margin:2.2rem 0 .3rem}h3{font-size:1rem;margin:1.4rem 0 .3rem}p{margin:.3rem 0}"
    ".soft{color:var(--soft);font-size:.9rem}.verdict{font-size:1.15rem;border-left:.4rem solid;padding:.5rem 1rem;"
    "margin:1rem 0}.met,.good{color:var(--good)}.missed,.bad{color:var(--bad)}.unmeasured,.open{color:var(--open)}"
    ".verdict span{color:var(--ink)}.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem}"
    "td,th{padding:.3rem .5rem;border-bottom:1px solid var(--rule);text-align:right;vertical-align:top}"
    "td:first-child,th:first-child{text-align:left;padding-left:0}td small{display:block;color:var(--soft)}"
    "td,td small{white-space:nowrap}td:first-child,td:first-child small{white-space:normal}"
    ".criteria td:first-child{min-width:13rem}.state{font-weight:600}"
    "svg.plot{width:100%;height:auto;margin:.4rem 0}"
    "figure{display:inline-block;margin:.3rem;font-size:.75rem;width:8.5rem;overflow-wrap:anywhere;"
    "vertical-align:top}figure img{display:block;width:7rem;height:7rem;object-fit:contain;background:#888}"
    "summary{cursor:pointer;font-weight:600;margin:.8rem 0}"
)

_MARK = {"met": "✓ met", "missed": "✗ missed", "unmeasured": "? unmeasured"}
_SIDE_PX = 112
_GROUND = 136
"""The grey that stands where no fruit is."""


def write(folder: Path, found: Evaluation, judged: Sequence[Judged]) -> None:
    """report.json and report.html into `folder`, which is made where it is missing. Raises UsageFault."""
    report = {**found.report, "criteria": [_told(one) for one in judged]}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        (folder / "report.html").write_text(page(found, judged), encoding="utf-8")
    except OSError as error:
        raise UsageFault(f"{folder}: {error.strerror}; give a folder that can be written to --out") from None


def sentence(judged: Sequence[Judged]) -> str:
    """The verdict in one sentence."""
    missed = [one.name for one in judged if one.state == "missed"]
    unmeasured = sum(one.state == "unmeasured" for one in judged)
    rest = f"; {unmeasured} could not be measured" if unmeasured else ""
    if missed:
        return f"not fit for release: {len(missed)} of {len(judged)} criteria are missed ({', '.join(missed)}){rest}"
    if unmeasured:
        met = len(judged) - unmeasured
        return f"not fit for release yet: {met} of {len(judged)} criteria are met{rest}"
    return f"fit for release: all {len(judged)} criteria are met"


def page(found: Evaluation, judged: Sequence[Judged]) -> str:
    """One HTML document that fetches nothing."""
    report = found.report
    name = html.escape(str(report["bundle"]))
    tone = "good" if passed(judged) else "bad" if any(one.state == "missed" for one in judged) else "open"
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title>",
        "<meta name=viewport content='width=device-width'>",
        f"<style>{_STYLE}</style><h1>{name}</h1><p class=soft>Evaluated {html.escape(str(report['evaluated_utc']))}, ",
        "on fruit that it has never seen, by the code that runs on the machine.</p>",
        f"<p class='verdict {tone}'><span>{html.escape(sentence(judged)).capitalize()}.</span></p>",
        *(f"<p>{html.escape(line)}</p>" for line in _in_short(report)),
        "<h2>Release criteria</h2>",
        _criteria(judged),
        *_charts(report, judged),
        "<h2>Details</h2>",
        *details(report),
        *_mistakes(found.mistakes),
    ]
    return "\n".join(parts) + "\n"


def _in_short(report: Mapping[str, Any]) -> Iterator[str]:
    parts = {"rendered": report["sources"].get("builtin"), "photographed": report.get("photographs")}
    for name, found in parts.items():
        if found:
            right, interval = percent(found["right"]["value"]), found["right"]["interval"]
            sure = f"; redraws of the fruit give {percent(interval[0])} to {percent(interval[1])}" if interval else ""
            yield f"{found['fruit']} {name} fruit: {right} of their passages are graded right{sure}."
    lab = report.get("lab")
    if lab:
        yield (
            f"On another camera, {lab['passages'] - lab['wrong']} of {lab['passages']} photographs are graded right; "
            f"a rule of hue alone gets {lab['passages'] - lab['rule']['wrong']}."
        )
    else:
        yield "No photographs were given: what is said here is said of rendered fruit alone."


def _criteria(judged: Sequence[Judged]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(one.criterion.says)}<small>{html.escape(one.name)}: {html.escape(one.criterion.why)}"
        f"</small><td>{number(one.found)}<small>{between(one.interval)}</small><td>{one.limit}"
        f"<td>{'' if one.fruit is None else one.fruit}<td class='state {one.state}'>{_MARK[one.state]}"
        for one in judged
    )
    head = "<tr><th>criterion<th>found<th>limit<th>fruit<th>"
    return f"<div class='wide criteria'><table>{head}{rows}</table></div>"


def _charts(report: Mapping[str, Any], judged: Sequence[Judged]) -> Iterator[str]:
    for heading, says, svg in charts(report, {one.name: one.criterion for one in judged}):
        yield f"<h2>{heading}</h2><p class=soft>{html.escape(says)}</p>{svg}"


def _mistakes(mistakes: Sequence[Mistake]) -> Iterator[str]:
    if not mistakes:
        return
    yield "<h2>The worst mistakes</h2><p class=soft>Single looks, the surest first, at most two of a fruit.</p>"
    yield "".join(_figure(one) for one in mistakes)


def _figure(one: Mistake) -> str:
    picture = one.picture
    height, width = picture.pixels.shape[:2]
    scale = min(1.0, _SIDE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2BGR), size, interpolation=cv2.INTER_AREA)
    small[cv2.resize(picture.mask, size, interpolation=cv2.INTER_NEAREST) == 0] = _GROUND
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])
    source = base64.b64encode(data.tobytes()).decode()
    name = html.escape(f"{picture.source}/{picture.fruit}")
    told = f"{html.escape(picture.grade)}, called <b>{html.escape(one.decided)}</b> ({one.confidence:.2f})"
    return f'<figure><img alt="{name}" src="data:image/jpeg;base64,{source}">{told}<br>{name}</figure>'


def _told(one: Judged) -> dict[str, Any]:
    return {
        "name": one.name,
        "says": one.criterion.says,
        "figure": one.criterion.figure,
        "found": one.found,
        "limit": one.limit,
        "state": one.state,
    }
