"""`sorter bench gates`: how late the real gate process commands its edges, beside its floor in the same run.

Blocks of the two take turns under one load. In a gate block pulses at drawn places of the belt go through the link to
the gate process, which drives gpiozero's mock pins; in a floor block a bare process (`edge/bench/gates_floor.py`)
sleeps and spins to deadlines drawn alike. Late is from a pulse's deadline to the stamp after its edge.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np

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


@dataclass(frozen=True, slots=True)
class Drawn:
    """A pulse and the instants of its two edges."""

    pulse: GatePulse
    open_at_ns: int
    close_at_ns: int


def bench(case_s: float = CASE_S, block_s: float = BLOCK_S, loads: Sequence[str] = tuple(LOADS)) -> dict[str, Any]:
    """Measure under each load for `case_s`, half of it the floor. `missed` names the targets that were."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    pairs = max(2, round(case_s / block_s / 2))
    settings = demo_settings()
    cases = []
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:  # fmt: skip
        task = bar.add_task("gates", total=2 * pairs * len(loads))
        for load in loads:
            bar.update(task, description=load)
            gates: list[list[int]] = []
            floor: list[list[int]] = []
            with LOADS[load]() as work:
                for n in range(2 * pairs):
                    measure, late = (_gate_block, gates) if n % 4 in (0, 3) else (_floor_block, floor)
                    late.append(measure(settings, work, block_s, random.Random(f"{load} {n}")))
                    bar.advance(task)
            cases.append(figures(load, gates, floor))
    return {"cases": cases, **({"missed": lines} if (lines := missed(cases)) else {})}


def demo_settings() -> GateSettings:
    """The demo machine's gates, with a watch and a limit to lateness so long that they hide nothing: what is measured
    is how late, not what is done about it."""
    (folder,) = firmware_config.__path__
    settings = gate_settings(load_profile(Path(folder) / "profiles" / "demo.toml"))
    return replace(settings, heartbeat_ns=_ANSWER_NS, late_um=_ANSWER_NS // NS * settings.speed_um_s)


def figures(load: str, gates: Sequence[Sequence[int]], floor: Sequence[Sequence[int]]) -> dict[str, Any]:
    """One case, as `--json` writes it, from the lateness in ns of each block's edges; `early` counts those below 0."""
    late, bare = np.concatenate(gates), np.concatenate(floor)
    ratio, interval = percentile_ratio(gates, floor, 0.99)
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


def _gate_block(settings: GateSettings, work: Work, block_s: float, chance: random.Random) -> list[int]:
    """How late, in ns, the gate process commanded each opening edge of one block."""
    with closing(GateProcess(settings, env={**os.environ, "GPIOZERO_PIN_FACTORY": "mock"})) as link:
        start_ns = now_ns() + _SETTLE_NS
        waiting = list(draw(settings, start_ns, round(block_s * NS), chance))
        due = {one.pulse.track_id: one.open_at_ns for one in waiting}
        late: list[int] = []
        give_up_ns = start_ns + round(block_s * NS) + _ANSWER_NS
        while len(late) < len(due):
            link.beat(now := now_ns())
            while waiting and waiting[0].open_at_ns - now < _AHEAD_NS:
                link.submit(waiting.pop(0).pulse)
            outcomes = [event for event in link.events(now) if isinstance(event, Outcome)]
            late += [_late_ns(outcome, due[outcome.pulse.track_id]) for outcome in outcomes]
            if now > give_up_ns:
                raise GateFault(f"gate process {link.pid}: {len(due) - len(late)} of {len(due)} pulses unanswered")
            work()
    return late


def _late_ns(outcome: Outcome, due_ns: int) -> int:
    """A pulse that was refused as too late counts with what it was late by until then."""
    return outcome.late_ns if outcome.opened_at_ns is None else outcome.opened_at_ns - due_ns


def _floor_block(settings: GateSettings, work: Work, block_s: float, chance: random.Random) -> list[int]:
    """How late, in ns, the bare process woke for each opening edge of one block; it wakes for the closing ones too."""
    command = [sys.executable, "-m", "edge.bench.gates_floor"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as floor:
        try:
            assert isinstance(floor.stdin, FileIO) and isinstance(floor.stdout, FileIO)
            answer = _Lines(floor.stdout)
            answer.next(work, now_ns() + _ANSWER_NS)
            drawn = list(draw(settings, now_ns() + _SETTLE_NS, round(block_s * NS), chance))
            edges = sorted([(one.open_at_ns, True) for one in drawn] + [(one.close_at_ns, False) for one in drawn])
            asked = json.dumps([at_ns for at_ns, _ in edges]).encode() + b"\n"
            os.set_blocking(floor.stdin.fileno(), True)
            floor.stdin.write(asked)
            met = json.loads(answer.next(work, edges[-1][0] + _ANSWER_NS))
        finally:
            floor.kill()
    return [met_ns - at_ns for met_ns, (at_ns, opens) in zip(met, edges, strict=True) if opens]


class _Lines:
    """Lines from a process, while the main thread goes on with its work."""

    def __init__(self, pipe: FileIO) -> None:
        self._pipe = pipe
        self._heard = b""
        os.set_blocking(pipe.fileno(), False)

    def next(self, work: Work, until_ns: int) -> bytes:
        """The next line. Raises GateFault where none comes in time."""
        while b"\n" not in self._heard:
            data = self._pipe.read(65_536)
            if data == b"" or now_ns() > until_ns:
                raise GateFault("the gates' floor, edge/bench/gates_floor.py, gave no answer")
            self._heard += data or b""
            work()
        line, _, self._heard = self._heard.partition(b"\n")
        return line


def _ms(time_ns: float) -> float:
    return round(float(time_ns) / _MS, 4)
