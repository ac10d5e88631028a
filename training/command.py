"""`sorter train` and `sorter evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from edge.bundle import Bundle, load_bundle, resolve
from edge.config import load_profile
from edge.errors import UsageFault
from training.dataset import PARTS, Dataset
from training.evaluation import page, terminal
from training.evaluation.against import compare
from training.evaluation.evaluating import evaluate as evaluate_all
from training.gate import INDICATORS, criteria, judge
from training.listed import is_listed, read_listed
from training.making import Listener, make
from training.recipe import Recipe, load_recipe
from training.sources import BUILTIN, gather

DEMO = INDICATORS.parent / "profiles" / "demo.toml"

Data = Annotated[
    str,
    typer.Option(
        help='"builtin" (rendered fruit), or a folder: photographs, painted fruit (sorter paint), or a dataset.csv',
        metavar="builtin|DIR",
    ),
]
Several = Annotated[
    list[str],
    typer.Option(
        help='"builtin" (rendered fruit), or a folder: photographs, painted fruit (sorter paint), or a dataset.csv '
        "(sorter data ingest); again for each further one",
        metavar="builtin|DIR",
    ),
]


def train(
    recipe: Annotated[str, typer.Argument(help="a recipe that ships (ablation, ci, factory, student) or a .toml file")],
    out: Annotated[Path, typer.Option(help="the folder that becomes the bundle")],
    data: Several = [BUILTIN],  # noqa: B006
    work: Annotated[
        Path | None,
        typer.Option(help="keep looks and epochs here, to go on from or to train again; otherwise they go at the end"),
    ] = None,
) -> None:
    """Pictures to a bundle: split by physical fruit, train, quantise, measure, write."""
    plan, text = load_recipe(recipe)
    console = Console(stderr=True)
    dataset = gather(plan, *data)
    _show_parts(console, dataset)
    made = _make(plan, text, dataset, out, work, console)
    if made is None:
        print(f"{out}: this worker's share is done; worker 0 writes the bundle")
        return
    bundle, figures = made
    terminal.show_sections(Console(), figures)
    print(f"{out}: bundle {bundle.identity}")


def evaluate(
    bundle: Annotated[str, typer.Argument(help='a bundle\'s folder, or "factory"')],
    out: Annotated[Path, typer.Option(help="the folder for report.json and report.html")],
    data: Data = BUILTIN,
    profile: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=r"whose \[money] says what fruit are worth; that of demo.toml if left out"),
    ] = None,
    indicators: Annotated[
        Path | None, typer.Option(metavar="FILE", help="the release criteria; the project's own if left out")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="BUNDLE", help="compare with this one instead, on the fruit of --data that nobody learned"
        ),
    ] = None,
) -> int:
    """A bundle's figures on fruit that it has never seen, through the device's own code, held to the release criteria;
    exit status 1 where one is missed. Or, with --against: two bundles on the same judged fruit of a dataset.csv; 1
    where the first is right about fewer."""
    loaded = load_bundle(resolve(bundle))
    if against is not None:
        return _against(loaded, load_bundle(resolve(against)), Path(data), out)
    asked, plant = criteria(indicators or INDICATORS), load_profile(profile or DEMO)
    if out.exists() and not out.is_dir():
        raise UsageFault(f"{out}: is a file; give a folder to --out")
    with Steps(Console(stderr=True)) as steps:
        found = evaluate_all(loaded, None if data == BUILTIN else Path(data), plant, steps)
    judged = judge(found.report, asked)
    page.write(out, found, judged)
    terminal.show_sections(Console(), found.report)
    terminal.show_gate(Console(), judged)
    print(f"{out / 'report.html'}: {page.sentence(judged)}")
    return int(any(one.state == "missed" for one in judged))


def _against(new: Bundle, old: Bundle, data: Path, out: Path) -> int:
    if not is_listed(data):
        raise UsageFault(f"{data}: no dataset.csv here; give --data a dataset that sorter data ingest made")
    found = compare(new, old, read_listed(data, 0.0).parts["held"])
    terminal.show_against(Console(), found)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "against.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageFault(f"{out}: {error.strerror}; give a folder to --out") from None
    print(f"{found['new']} {'may' if found['may_leave'] else 'may not'} leave: {out / 'against.json'}")
    return int(not found["may_leave"])


class Steps:
    """What `evaluate` is doing: a bar where somebody watches, a line a step where nobody does."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        self._console = console
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, what: str, total: int) -> None:
        self._progress.reset(self._task, description=what, total=total or None)
        if not self._console.is_terminal:
            self._console.print(what)

    def done(self) -> None:
        self._progress.advance(self._task)


def _make(
    plan: Recipe, text: str, dataset: Dataset, out: Path, work: Path | None, console: Console
) -> tuple[Bundle, dict[str, Any]] | None:
    epochs = plan.training.epochs + plan.training.tuned_epochs
    if not console.is_terminal:
        tell = Listener(
            step=console.print,
            epoch=lambda number, loss: console.print(f"epoch {number} of {epochs}, loss {loss:.3f}"),
        )
        return make(plan, text, dataset, out, tell, work)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(TextColumn("{task.description}"), *columns, console=console) as progress:
        task = progress.add_task("training", total=epochs)
        tell = Listener(
            step=lambda what: progress.update(task, description=what),
            epoch=lambda number, loss: progress.update(task, completed=number, description=f"loss {loss:.3f}"),
        )
        return make(plan, text, dataset, out, tell, work)


def _show_parts(console: Console, dataset: Dataset) -> None:
    table = Table("part", "source", "fruit", "pictures", title="split by physical fruit")
    for part in PARTS:
        for source, fruit in dataset.fruit(part).items():
            count = sum(picture.source == source for picture in dataset.parts[part])
            table.add_row(part, source, str(len(fruit)), str(count))
    console.print(table)
