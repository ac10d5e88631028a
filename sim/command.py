"""`sorter sim`: arguments in, exit status out. `sim.setup` makes the run; `sim.fast` or `sim.live` runs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.clock import now_ns

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from sim.setup import Setup

FAST_S = 60.0
"""How long a fast run feeds when it is not told."""


def sim(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A name (--list) or a TOML file.")] = "clean",
    fast: Annotated[bool, typer.Option("--fast", help="Virtual time: as fast as it goes, deterministic.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seeds everything that is drawn.")] = 1,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="Feed for so long, then run the belt empty. --fast: 60.")
    ] = None,
    fruit: Annotated[int | None, typer.Option(min=1, help="Feed so many fruit, then run the belt empty.")] = None,
    fruit_images: Annotated[
        str, typer.Option(metavar="builtin|DIR", help="A folder of photographs, or of painted fruit (sorter paint).")
    ] = "builtin",
    bundle: Annotated[Path | None, typer.Option(metavar="DIR", help="In place of the profile's own.")] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[@START-END]", help="Let a fault befall the machine, in seconds; repeatable."),
    ] = None,
    perception: Annotated[
        str,
        typer.Option(
            metavar="pixels|scores|truth",
            help="scores: what the bundle was recorded to say; truth: labels given; with --fast.",
        ),
    ] = "pixels",
    service_time: Annotated[
        str,
        typer.Option(metavar="none|pi4|pi5", help="How long the device's steps take; or a bench's FILE.json. --fast."),
    ] = "none",
    report: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write what came of every fruit.")] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Record what the line is given, for sorter replay.")
    ] = None,
    history: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the machine's history there, for sorter trace and report.")
    ] = None,
    updates: Annotated[
        str | None, typer.Option(metavar="DIR|URL", help="Follow these releases while it runs; live only.")
    ] = None,
    lend: Annotated[
        bool, typer.Option("--lend", help="Run it for sorter doctor, calibrate, setup or run in another terminal.")
    ] = False,
    plot: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw the run; with --fast.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="The scenarios that exist by name.")] = False,
) -> int:
    """The whole machine on a desk: belt, fruit, camera and gates around the device's own code."""
    started_ns = now_ns()
    if list_:
        return _list()
    _check(fast, seconds, fruit, perception, service_time, report, bundle)
    _check_files(fast, perception, record, plot)
    _made(history, "--history")
    _check_updates(fast, updates)
    from sim.faults import parse

    faults = [parse(text) for text in fault or ()]
    if lend:
        from sim.lending import run_lent

        _check_lend(fast, report, record, updates, history)
        return run_lent(scenario, seed=seed, fruit_images=fruit_images, bundle=bundle, faults=faults)
    if not fast:
        from sim.live import run_live

        return run_live(
            scenario,
            seed=seed,
            seconds=seconds,
            fruit=fruit,
            bundle=bundle,
            fruit_images=fruit_images,
            report=report,
            record=record,
            updates=updates,
            history=history,
            faults=faults,
            started_ns=started_ns,
        )
    from sim.choice import perception_of
    from sim.conveyor import Limit
    from sim.setup import prepare, with_history

    with _bar() as bar:
        setup = prepare(
            scenario,
            seed=seed,
            limit=Limit(fruit, FAST_S if seconds is None and fruit is None else seconds),
            perception=perception_of(perception),
            bundle=bundle,
            fruit_images=fruit_images,
            service_time=service_time,
            faults=faults,
            told=_Recording(bar),
        )
    return _fast(with_history(setup, history), report, record, plot)


def _bar() -> Progress:
    """A bar on standard error, gone when all is done; none where nobody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = "{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


class _Recording:
    """Shows how far the recording for `--perception scores` is, where one is made."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task: TaskID | None = None

    def __call__(self, done: int, of: int) -> None:
        if self._task is None:
            self._task = self._bar.add_task("recording what the bundle says, once", total=of)
        self._bar.update(self._task, completed=done)


def _list() -> int:
    from sim.scenario import load_scenario, names

    for name in names():
        print(f"{name:<17} {load_scenario(name).about}")
    return 0


def _check(
    fast: bool,
    seconds: float | None,
    fruit: int | None,
    perception: str,
    service_time: str,
    report: Path | None,
    bundle: Path | None,
) -> None:
    """What no single option shows. Raises UsageFault."""
    from edge.errors import UsageFault
    from sim.choice import perception_of

    perception_of(perception)
    if seconds is not None and fruit is not None:
        raise UsageFault("--seconds and --fruit: give one of them")
    if perception != "pixels" and not fast:
        raise UsageFault(f"--perception {perception}: the live camera gives pixels; add --fast")
    if perception == "truth" and bundle is not None:
        raise UsageFault("--perception truth and --bundle: labels are given, no bundle is asked; leave one out")
    if service_time != "none" and not fast:
        raise UsageFault(f"--service-time {service_time}: a live run takes the time that it takes; add --fast")
    if report is not None and report.is_dir():
        raise UsageFault(f"{report}: a folder; name a file in it")
    if report is not None and not report.absolute().parent.is_dir():
        raise UsageFault(f"{report}: no such folder; name a file in a folder that exists")


def _check_files(fast: bool, perception: str, record: Path | None, plot: Path | None) -> None:
    """What is to be written beside the report. Raises UsageFault."""
    from edge.errors import UsageFault

    if record is not None:
        if perception != "pixels":
            raise UsageFault(f"--record: --perception {perception} has no crops to record; leave one of them out")
        _made(record, "--record")
    if plot is None:
        return
    if not fast:
        raise UsageFault("--plot: draws a whole run in virtual time; add --fast")
    if plot.suffix != ".png" or not plot.absolute().parent.is_dir():
        raise UsageFault(f"--plot {plot}: name a .png file in a folder that exists")
    import sim.plot  # noqa: F401 - it is missing without Matplotlib: say so before the run, not behind it


def _made(folder: Path | None, option: str) -> None:
    """Raises UsageFault."""
    from edge.errors import UsageFault

    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageFault(f"{option} {folder}: cannot be made a folder: {error.strerror}") from None


def _check_updates(fast: bool, updates: str | None) -> None:
    """Raises UsageFault."""
    from edge.errors import UsageFault

    if updates is not None and fast:
        raise UsageFault("--updates: releases come to a live machine; leave --fast out")


def _check_lend(fast: bool, *others: object) -> None:
    """Raises UsageFault."""
    from edge.errors import UsageFault

    if fast or any(other is not None for other in others):
        raise UsageFault("--lend: there is no device of its own to report, record or update; give it alone")


def _fast(setup: Setup, report: Path | None, record: Path | None, plot: Path | None) -> int:
    from rich.console import Console

    from sim.fast import FastRun
    from sim.plot import draw
    from sim.report import write
    from sim.summary import show

    limit = setup.limit
    with _bar() as bar:
        unit, total = ("fruit", limit.fruit) if limit.fruit is not None else ("seconds fed", limit.seconds)
        task = bar.add_task(unit, total=total)

        def progress(fallen: int, elapsed_s: float) -> None:
            bar.update(task, completed=min(total or 0, fallen if limit.fruit is not None else round(elapsed_s)))

        run = FastRun(setup, None if bar.disable else progress, record)
        chronicle = run.keep_chronicle() if plot is not None else None
        found = run.run()
    if report is not None:
        write(found, report)
    if plot is not None and chronicle is not None:
        draw(chronicle, setup, plot)
    show(found, Console())
    return 0
