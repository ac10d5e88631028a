"""The findings as one self-contained page, with the pictures that show them. A local report: it holds photographs."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Iterator
from typing import Any

import cv2

from training.data.findings import Found, Measurements
from training.data.measure import Measured

_SHOWN = 12
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;color:#1b1b1b}"
    "h1{font-size:1.5rem}table{border-collapse:collapse}td,th{padding:.3rem .8rem;border-bottom:1px solid #ddd;"
    "text-align:right}td:first-child,th:first-child{text-align:left}section{border-left:.3rem solid #b35900;"
    "padding:.1rem 1rem;margin:1.2rem 0}section p{margin:.3rem 0}.remedy{color:#555}figure{display:inline-block;"
    "margin:.3rem;font-size:.75rem;max-width:8rem;overflow-wrap:anywhere;vertical-align:top}img{display:block;"
    "image-rendering:auto;max-width:8rem}.good{border-color:#0b6e4f}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#e6e6e6}.remedy{color:#aaa}td,th{border-color:#333}}"
)


def page(found: list[Found], of: Measurements, told: dict[str, Any]) -> str:
    """One HTML document that needs nothing but itself."""
    pictures = {picture.row.name: picture for picture in of.pictures}
    title = f"{told['folder']}: {len(found)} findings"
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title><style>{_STYLE}</style>",
        f"<h1>{html.escape(title)}</h1><p>{told['pictures']} pictures of {told['fruit']} physical fruit</p>",
        _labels(told),
        *_sections(found, pictures),
    ]
    if not found:
        parts.append("<section class=good><p>Nothing was found.</p></section>")
    return "\n".join(parts) + "\n"


def _labels(told: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(label)}<td>{row['pictures']}<td>{row['fruit']}" for label, row in told["labels"].items()
    )
    return f"<table><tr><th>label<th>pictures<th>physical fruit{rows}</table>"


def _sections(found: Iterable[Found], pictures: dict[str, Measured]) -> Iterator[str]:
    for one in found:
        shown = "".join(_figure(pictures[name]) for name in one.names[:_SHOWN] if name in pictures)
        more = f"<p>and {len(one.names) - _SHOWN} more</p>" if len(one.names) > _SHOWN else ""
        yield (
            f"<section><p><b>{html.escape(one.code)}</b> {html.escape(one.says)}</p>"
            f"<p class=remedy>{html.escape(one.remedy)}</p>{shown}{more}</section>"
        )


def _figure(picture: Measured) -> str:
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture.thumb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80])
    source = base64.b64encode(data.tobytes()).decode()
    name = html.escape(f"{picture.row.name} ({picture.row.label})")
    return f'<figure><img alt="{name}" src="data:image/jpeg;base64,{source}">{name}</figure>'
