"""`sorter invest`: arguments in, a ranking out."""

import json
from pathlib import Path
from typing import Annotated

import typer


def invest(
    history: Annotated[Path, typer.Option(metavar="FOLDER", help="A machine's history.", show_default=False)],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="The page goes there.", show_default=False)] = None,
    json_: Annotated[Path | None, typer.Option("--json", metavar="FILE", show_default=False)] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="2026-03-01; all without.", show_default=False)
    ] = None,
    trained: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL=N", help="Pictures the bundle was trained on; repeatable.", show_default=False),
    ] = None,
) -> None:
    """Where to invest: what more recall, speed, faster gates, light, people or pictures would be worth a month."""
    from datetime import UTC

    from edge.errors import UsageFault
    from edge.ledger.reading import read
    from plant.invest.basis import basis
    from plant.invest.options import options
    from plant.invest.posterior import known
    from plant.invest.showing import lines, page, told
    from plant.invest.trained import pictures
    from plant.report.asking import place, preface
    from plant.report.selection import instant

    held = pictures(trained or [])
    begin = instant(since, place(None), "--from").astimezone(UTC) if since else None
    found = basis(read(history), preface(read(history)).words, begin)
    what = known(found)
    made = told(found, what, options(found, what, held))
    for line in lines(made):
        print(line)
    try:
        if json_ is not None:
            json_.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            (out / "invest.html").write_text(page(made), encoding="utf-8")
            print(f"the page is {out / 'invest.html'}")
    except OSError as error:
        raise UsageFault(f"{error.filename}: {error.strerror}; give a place that can be written") from None
