"""`sorter sim --lend`: runs a machine for other commands, and lays onto its belt what the keyboard says."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import typer

from edge import clock
from sim.choice import choose
from sim.conveyor import Limit
from sim.faults import FaultSpan, refuse_virtual
from sim.lent import LAID, LentMachine, environment
from sim.live import stopped_by_signals
from sim.setup import load_fruit


def run_lent(
    scenario: str,
    *,
    seed: int,
    fruit_images: str,
    bundle: Path | None = None,
    faults: list[FaultSpan] | None = None,
) -> int:
    """Run until Ctrl-C; returns the exit status. Raises as `sim.live.run_live` does."""
    choice = choose(scenario, bundle=bundle, faults=faults or ())
    refuse_virtual(choice.scenario.fault)
    setup = load_fruit(choice, seed, Limit(), fruit_images)
    with (
        stopped_by_signals() as stopping,
        tempfile.TemporaryDirectory(prefix="sorter-") as name,
        contextlib.closing(LentMachine(setup, Path(name), clock.now_ns())) as machine,
    ):
        typer.echo(f"a machine after {choice.profile_path} runs; in another terminal, first:")
        typer.echo("export " + " ".join(f"{key}={value}" for key, value in environment(Path(name)).items()))
        typer.echo("then sorter doctor, calibrate, setup or run.")
        typer.echo(f"Here, {' or '.join(LAID)} and Enter lays that onto the belt; Ctrl-C ends it.")
        _run(machine, stopping)
    return 0


def _run(machine: LentMachine, stopping: threading.Event) -> None:
    told = _typed()
    while not stopping.is_set():
        now_ns = clock.now_ns()
        wake_ns = machine.step(now_ns)
        for word in next(told):
            if word in LAID:
                machine.lay(word, now_ns)
                typer.echo(f"{word} is laid onto the belt")
            else:
                typer.echo(f"{word}: lay {' or '.join(LAID)}")
        clock.sleep_until(wake_ns)


def _typed() -> Iterator[list[str]]:
    """The words that were typed since the last time; none for ever once the keyboard is gone."""
    rest, there = b"", sys.stdin is not None
    while True:
        words: list[str] = []
        while there and select.select([0], [], [], 0.0)[0]:
            data = os.read(0, 4096)
            there = bool(data)
            *lines, rest = (rest + data).split(b"\n")
            words += [line.decode(errors="replace").strip() for line in lines]
        yield [word for word in words if word]
