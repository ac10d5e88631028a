"""`sorter train` and `sorter evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from edge.bundle import Bundle, load_bundle, resolve
from edge.errors import UsageFault
from training import evaluate as evaluation
from training import report
from training.dataset import PARTS, Dataset
from training.making import Listener, make
from training.recipe import Recipe, load_recipe
from training.sources import BUILTIN, gather

Data = Annotated[
    str, typer.Option(help='"builtin" (rendered fruit), or the folder of photographs', metavar="builtin|DIR")
]


def train(
    recipe: Annotated[str, typer.Argument(help="a recipe that ships (ci, factory) or a .toml file")],
    out: Annotated[Path, typer.Option(help="the folder that becomes the bundle")],
    data: Data = BUILTIN,
) -> None:
    """Pictures to a bundle: split by physical fruit, train, quantise, measure, write."""
    plan, text = load_recipe(recipe)
    console = Console(stderr=True)
    dataset = gather(plan, data)
    _show_parts(console, dataset)
    bundle, figures = _make(plan, text, dataset, out, console)
    report.show(Console(), figures)
    print(f"{out}: bundle {bundle.identity}")


def evaluate(
    bundle: Annotated[str, typer.Argument(help='a bundle\'s folder, or "factory"')],
    out: Annotated[Path, typer.Option(help="the folder for report.json and report.html")],
    data: Data = BUILTIN,
) -> None:
    """A bundle's figures on fruit that it has never seen, through the device's own code."""
    loaded = load_bundle(resolve(bundle))
    if out.exists() and not out.is_dir():
        raise UsageFault(f"{out}: is a file; give a folder to --out")
    console = Console(stderr=True)
    with console.status("starting") as status:
        figures = evaluation.evaluate(loaded, None if data == BUILTIN else Path(data), status.update)
    report.show(Console(), figures)
    report.write(out, figures)


def _make(plan: Recipe, text: str, dataset: Dataset, out: Path, console: Console) -> tuple[Bundle, dict[str, Any]]:
    if not console.is_terminal:
        tell = Listener(
            step=console.print,
            epoch=lambda number, loss: console.print(f"epoch {number} of {plan.training.epochs}, loss {loss:.3f}"),
        )
        return make(plan, text, dataset, out, tell)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(TextColumn("{task.description}"), *columns, console=console) as progress:
        task = progress.add_task("training", total=plan.training.epochs)
        tell = Listener(
            step=lambda what: progress.update(task, description=what),
            epoch=lambda number, loss: progress.update(task, completed=number, description=f"loss {loss:.3f}"),
        )
        return make(plan, text, dataset, out, tell)


def _show_parts(console: Console, dataset: Dataset) -> None:
    table = Table("part", "source", "fruit", "pictures", title="split by physical fruit")
    for part in PARTS:
        for source, fruit in dataset.fruit(part).items():
            count = sum(picture.source == source for picture in dataset.parts[part])
            table.add_row(part, source, str(len(fruit)), str(count))
    console.print(table)
