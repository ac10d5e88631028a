"""`sorter bench gates`: how late the real gate process commands its edges, beside its floor in the same run.

Blocks of the two take turns under one load. In a gate block pulses at drawn places of the belt go through the link to
the gate process, which drives gpiozero's mock pins; in a floor block a bare process (`edge/bench/gates_floor.py`)
sleeps and spins to deadlines drawn alike and drives the same pins. Late is from an edge's deadline to the stamp after
its line was driven, on the one clock.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

import firmware_config
from edge.bench.figures import percentile, percentile_ratio
from edge.bench.loads import LOADS, Work
from edge.clock import now_ns
from edge.config import load_profile
from edge.datapath import GatePulse, Outcome
from edge.errors import GateFault
from edge.sort.link import GateProcess, gate_settings
from edge.sort.wire import GateSettings

TARGET = 1.3
"""The p99 is at most so many times its floor's: the lower end of the ratio's interval decides."""

CASE_S, BLOCK_S = 20.0, 2.0

NS = 1_000_000_000
_MS = 1_000_000
_SETTLE_NS = 300 * _MS
_AHEAD_NS = 500 * _MS
"""How long before its deadline a pulse is handed over: late submission is the planner's affair, not measured here."""
_GAP_NS = (10 * _MS, 30 * _MS)
_ON_NS = (30 * _MS, 60 * _MS)
"""Drawn evenly: 50 pulses a second over the demo machine's eight gates, in turn, so that none meets its gate open."""
_ANSWER_NS = 10 * NS
MOCK = {**os.environ, "GPIOZERO_PIN_FACTORY": "mock"}


@dataclass(frozen=True, slots=True)
class Block:
    """How late, in ns, each opening edge of a block was driven, and how late its process had woken for it."""

    driven: list[int]
    woke: list[int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A pulse and the instants of its two edges."""

    pulse: GatePulse
    open_at_ns: int
    close_at_ns: int


def bench(case_s: float = CASE_S, block_s: float = BLOCK_S, loads: Sequence[str] = tuple(LOADS)) -> dict[str, Any]:
    """Measure under each load for `case_s`, half of it the floor. `missed` names the targets that were."""
    pairs = max(2, round(case_s / block_s / 2))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=2 * pairs * len(loads))
        cases = []
        for load in loads:
            bar.update(task, description=load)
            cases.append(_case(load, pairs, block_s, lambda: bar.advance(task)))
    return {"cases": cases, **({"missed": lines} if (lines := missed(cases)) else {})}


def _case(load: str, pairs: int, block_s: float, told: Callable[[], None]) -> dict[str, Any]:
    settings = demo_settings()
    gates: list[Block] = []
    floor: list[Block] = []
    with LOADS[load]() as work:
        for n in range(pairs):
            turns = ((_gate_block, gates), (_floor_block, floor))
            for measure, side in turns if n % 2 else reversed(turns):
                side.append(measure(settings, work, block_s, random.Random(f"{load} {n}")))
                told()
    return figures(load, gates, floor)


def demo_settings() -> GateSettings:
    """The demo machine's gates, with a watch and a limit to lateness so long that they hide nothing: what is measured
    is how late, not what is done about it."""
    (folder,) = firmware_config.__path__
    settings = gate_settings(load_profile(Path(folder) / "profiles" / "demo.toml"))
    return replace(settings, heartbeat_ns=_ANSWER_NS, late_um=_ANSWER_NS // NS * settings.speed_um_s)


def figures(load: str, gates: Sequence[Block], floor: Sequence[Block]) -> dict[str, Any]:
    """One case, as `--json` writes it. `early` counts the gates' edges before their deadline. The figures of `wake` are
    of the bare part of either process: its lateness before it drives its line."""
    late, bare, woke, bare_woke = (
        np.concatenate(blocks)
        for blocks in (
            [b.driven for b in gates],
            [b.driven for b in floor],
            [b.woke for b in gates],
            [b.woke for b in floor],
        )
    )
    ratio, interval = percentile_ratio([b.driven for b in gates], [b.driven for b in floor], 0.99)
    wake_ratio, wake_interval = percentile_ratio([b.woke for b in gates], [b.woke for b in floor], 0.99)
    return {
        "load": load,
        "p50_ms": _ms(percentile(late, 0.5)),
        "p99_ms": _ms(percentile(late, 0.99)),
        "p999_ms": _ms(percentile(late, 0.999)),
        "max_ms": _ms(late.max()),
        "floor_p50_ms": _ms(percentile(bare, 0.5)),
        "floor_p99_ms": _ms(percentile(bare, 0.99)),
        "ratio_p99": round(ratio, 3),
        "ratio_p99_interval": [round(end, 3) for end in interval],
        "wake_p99_ms": _ms(percentile(woke, 0.99)),
        "floor_wake_p99_ms": _ms(percentile(bare_woke, 0.99)),
        "wake_ratio_p99": round(wake_ratio, 3),
        "wake_ratio_p99_interval": [round(end, 3) for end in wake_interval],
        "early": int((late < 0).sum()),
        "pulses": len(late),
    }


def missed(cases: Sequence[dict[str, Any]]) -> list[str]:
    """The targets that were, a line each."""
    lines = []
    for case in cases:
        low, high = case["ratio_p99_interval"]
        if low > TARGET:
            lines.append(
                f"{case['load']}: the p99 is {case['ratio_p99']:g} times its floor ({low:g} to {high:g}); "
                f"an interval that begins at {TARGET} at most is wanted"
            )
        if case["early"]:
            lines.append(f"{case['load']}: {case['early']} of {case['pulses']} edges were early; none is wanted")
    return lines


def draw(settings: GateSettings, start_ns: int, block_ns: int, chance: random.Random) -> Iterator[Drawn]:
    """Pulses whose opening edges are due from `start_ns` on, for `block_ns`, by the device's virtual encoder."""
    at_ns, lead_ns, number = start_ns, 15 * _MS, 0
    while (at_ns := at_ns + chance.randint(*_GAP_NS)) < start_ns + block_ns:
        open_um, close_um = (
            (edge_ns + lead_ns) * settings.speed_um_s // NS for edge_ns in (at_ns, at_ns + chance.randint(*_ON_NS))
        )
        gate = settings.gates[number % len(settings.gates)].name
        number += 1
        pulse = GatePulse(f"bench.{number}", gate, open_um, close_um, lead_ns, lead_ns)
        # The first instant at which that encoder reads so much, worked out here and not asked of the device.
        due_open_ns, due_close_ns = (-(-um * NS // settings.speed_um_s) - lead_ns for um in (open_um, close_um))
        yield Drawn(pulse, due_open_ns, due_close_ns)


def _gate_block(settings: GateSettings, work: Work, block_s: float, chance: random.Random) -> Block:
    """The gate process's edges of one block."""
    with tempfile.TemporaryDirectory(prefix="sorter-bench-") as folder:
        notes = Path(folder) / "notes.json"
        answered = _pulsed(settings, work, block_s, chance, notes)
        woke_at_ns = {driven_at_ns: woke for driven_at_ns, woke in json.loads(notes.read_text(encoding="utf-8"))}
    driven = [_late_ns(outcome, due_ns) for outcome, due_ns in answered]
    # A pulse that was refused woke too late to be driven.
    woke = [
        woke_at_ns.get(o.opened_at_ns, late + due_ns) - due_ns
        for late, (o, due_ns) in zip(driven, answered, strict=True)
    ]
    return Block(driven, woke)


def _pulsed(
    settings: GateSettings, work: Work, block_s: float, chance: random.Random, notes: Path
) -> list[tuple[Outcome, int]]:
    """What became of a block's pulses, each with its deadline; `notes`: where the gate process tells when it woke."""
    program = ("edge.bench.gates_noted", str(notes))
    with closing(GateProcess(settings, env=MOCK, program=program)) as link:
        start_ns = now_ns() + _SETTLE_NS
        waiting = list(draw(settings, start_ns, round(block_s * NS), chance))
        due = {one.pulse.track_id: one.open_at_ns for one in waiting}
        answered: list[tuple[Outcome, int]] = []
        give_up_ns = start_ns + round(block_s * NS) + _ANSWER_NS
        while len(answered) < len(due):
            link.beat()
            now = now_ns()
            while waiting and waiting[0].open_at_ns - now < _AHEAD_NS:
                link.submit(waiting.pop(0).pulse)
            answered += [(said, due[said.pulse.track_id]) for said in link.events(now) if isinstance(said, Outcome)]
            if now > give_up_ns:
                raise GateFault(f"gate process {link.pid}: {len(due) - len(answered)} of {len(due)} pulses unanswered")
            work()
    return answered


def _late_ns(outcome: Outcome, due_ns: int) -> int:
    """A pulse that was refused as too late counts with what it was late by until then."""
    return outcome.late_ns if outcome.opened_at_ns is None else outcome.opened_at_ns - due_ns


def _floor_block(settings: GateSettings, work: Work, block_s: float, chance: random.Random) -> Block:
    """The bare process's edges of one block. It drives the closing ones too."""
    pins = {gate.name: gate.pin for gate in settings.gates}
    command = [sys.executable, "-m", "edge.bench.gates_floor", *map(str, pins.values())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=MOCK) as floor:
        try:
            assert floor.stdin and floor.stdout
            answers = _answers(floor.stdout.fileno(), work)
            next(answers)
            drawn = list(draw(settings, now_ns() + _SETTLE_NS, round(block_s * NS), chance))
            edges = sorted(
                (at_ns, pins[one.pulse.gate], level)
                for one in drawn
                for at_ns, level in ((one.open_at_ns, 1), (one.close_at_ns, 0))
            )
            floor.stdin.write(json.dumps(edges).encode() + b"\n")
            floor.stdin.flush()
            met = json.loads(next(answers))
        finally:
            floor.kill()
    opened = [(edge[0], *instants) for edge, instants in zip(edges, met, strict=True) if edge[2]]
    return Block([driven - due for due, _, driven in opened], [woke - due for due, woke, _ in opened])


def _answers(pipe: int, work: Work) -> Iterator[bytes]:
    """Lines from the floor, while the main thread goes on with its work. Raises GateFault where it ends early."""
    os.set_blocking(pipe, False)
    heard = b""
    while True:
        try:
            data = os.read(pipe, 65_536)
        except BlockingIOError:
            work()
            continue
        if not data:
            raise GateFault("the gates' floor, edge/bench/gates_floor.py, ended without its answer")
        *lines, heard = (heard + data).split(b"\n")
        yield from lines


def _ms(time_ns: float) -> float:
    return round(float(time_ns) / _MS, 4)
