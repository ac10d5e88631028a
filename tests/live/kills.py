"""Kills the device's processes on the live desk and watches the wires: how soon every line is safe, and who fell where.

`python -m tests.live.kills --times 10 --json FILE` is the measurement; `test_kills.py` asserts the same order of events
with a wide deadline.
"""

import argparse
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edge import clock
from edge.datapath import BELT_END, Outcome, Verdict
from sim.conveyor import Limit
from sim.desk import LAG_NS, Desk
from sim.hosted import HostedDevice
from sim.rendezvous import DeviceSettings
from sim.setup import Setup, prepare
from sim.wires import Edge, Lost
from sim.world import Fall

S = 1_000_000_000
KINDS = tuple((victim, number) for number in (signal.SIGKILL, signal.SIGSTOP) for victim in ("gates", "main"))
WITHIN_MS = 250


@dataclass(frozen=True)
class Kill:
    """One kill. `safe_ms`: from the signal until every line was at its safe level for good; `first_verdict_ms`: until
    the next run's first verdict. Of the fruit between: `held_open` met a gate still open, `ran_on` ran to the belt's
    end, `strays` went anywhere else."""

    victim: str
    signal: str
    lines_open: int
    safe_ms: float
    first_verdict_ms: float
    held_open: int
    ran_on: int
    strays: int


class Rehearsal:
    """A live desk, and everything that happens on it, kept."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.edges: list[Edge | Lost] = []
        self.verdicts: list[Verdict] = []
        self.outcomes: list[Outcome] = []
        self.falls: list[Fall] = []
        self._tapped = False

    def until(self, reached: Callable[[], bool], within_s: float, what: str) -> None:
        """Step the desk until something is so."""
        deadline_ns = clock.now_ns() + round(within_s * S)
        while not reached():
            now_ns = clock.now_ns()
            assert now_ns < deadline_ns, (
                f"not within {within_s:g} s: {what}; the device said: {self.desk.device.said()}"
            )
            assert not self.desk.ended, f"the desk ended before: {what}; the device said: {self.desk.device.said()}"
            wake_ns = self.desk.step(now_ns)
            self._keep()
            clock.sleep_until(min(wake_ns, now_ns + 2_000_000))

    def sorting(self) -> bool:
        """The present run has fired a pulse, and a gate is open now."""
        return bool(self.outcomes) and not self.desk.device.lines.all_released

    def kill(self, victim: str, number: signal.Signals, within_s: float) -> Kill:
        """Kill one process in the middle of its work, and watch until its successor sorts."""
        self.until(self.sorting, 30, "sorting, with a gate open")
        run_id = self.verdicts[-1].track_id.rpartition(".")[0]
        self.edges.clear(), self.falls.clear(), self.outcomes.clear(), self.verdicts.clear()
        lines_open = sum(level != self.desk.device.lines.released[pin] for pin, level in self.levels().items())
        levels = self.levels()
        main = self.desk.device.process.pid
        pid = main if victim == "main" else child(main, "edge.sort.gates")
        killed_ns = clock.now_ns()
        os.kill(pid, number)
        self.until(lambda: self.desk.device.lines.all_released, within_s, "every line released")
        self.until(lambda: bool(self.after(run_id)), 30, "the first verdict after the restart")
        first_ns = self.after(run_id)[0].decided_at_ns
        self.until(lambda: clock.now_ns() > first_ns + LAG_NS + S // 10, 10, "the truth has caught up")
        safe_ns = self.safe_for_good_ns(levels, killed_ns, first_ns)
        between = [fall for fall in self.falls if killed_ns < fall.left_at_ns < first_ns]
        taken = [fall for fall in between if fall.outlet != BELT_END]
        held_open = [fall for fall in taken if fall.left_at_ns <= safe_ns + self.closing_ns(fall)]
        return Kill(
            victim=victim,
            signal=number.name,
            lines_open=lines_open,
            safe_ms=round((safe_ns - killed_ns) / 1e6, 3),
            first_verdict_ms=round((first_ns - killed_ns) / 1e6, 3),
            held_open=len(held_open),
            ran_on=len(between) - len(taken),
            strays=len(taken) - len(held_open),
        )

    def levels(self) -> dict[int, int]:
        return dict(self.desk.device.lines.levels)

    def after(self, run_id: str) -> list[Verdict]:
        """The verdicts of a later run."""
        return [verdict for verdict in self.verdicts if not verdict.track_id.startswith(f"{run_id}.")]

    def safe_for_good_ns(self, levels: dict[int, int], killed_ns: int, until_ns: int) -> int:
        """The instant from which every line stood at its safe level, on the world's clock, up to `until_ns`."""
        released = self.desk.device.lines.released
        safe_ns, was_safe = killed_ns, levels == released
        for edge in sorted(self.edges, key=lambda edge: edge.at_ns):
            if edge.at_ns >= until_ns:
                break
            levels = dict(released) if isinstance(edge, Lost) else {**levels, edge.line: edge.level}
            if not was_safe and levels == released:
                safe_ns = max(edge.at_ns, killed_ns)
            was_safe = levels == released
        return safe_ns if was_safe else until_ns

    def closing_ns(self, fall: Fall) -> float:
        """A gate takes this long to close at most: a fruit that met it by then met it held open."""
        truth = self.desk.world.gates[fall.gate].truth
        return truth.close_delay_ns + 5 * truth.sd_ns

    def _keep(self) -> None:
        if self.desk.world and not self._tapped:
            self._tapped, take = True, self.desk.world.take_falls
            self.desk.world.take_falls = lambda: self.falls.extend(falls := take()) or falls
        self.edges += self.desk.device.edges
        self.verdicts += [record for record in self.desk.records if isinstance(record, Verdict)]
        self.outcomes += [r for r in self.desk.records if isinstance(r, Outcome) and r.result == "fired"]


def child(parent: int, module: str) -> int:
    """The pid of the process that `parent` has started to run a module."""
    command = ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        pid, its_parent, arguments = line.split(None, 2)
        if int(its_parent) == parent and module in arguments:
            return int(pid)
    raise AssertionError(f"process {parent} has no child that runs {module}")


@contextmanager
def live_desk(
    setup: Setup,
    broker: str | None = None,
    machine: dict[str, Any] | None = None,
    update: dict[str, Any] | None = None,
) -> Iterator[Desk]:
    """A desk without a view; by itself without a broker. `machine`: settings in place of the profile's; `update`: the
    keys of [update], where it follows releases."""
    with tempfile.TemporaryDirectory(prefix="sorter-", dir="/tmp") as folder:
        settings = DeviceSettings(
            folder, str(setup.profile_path), str(setup.bundle.folder), broker, machine=machine or {}, update=update
        )
        with (
            closing(HostedDevice(settings, setup.profile)) as device,
            closing(Desk(setup, device, clock.now_ns())) as desk,
        ):
            yield desk


def rehearse(setup: Setup, victim: str, number: signal.Signals, times: int, within_s: float) -> list[Kill]:
    """The same kill several times on one desk."""
    with live_desk(setup) as desk:
        rehearsal = Rehearsal(desk)
        return [rehearsal.kill(victim, number, within_s) for _ in range(times)]


def setup(bundle: Path | None = None, seed: int = 1) -> Setup:
    return prepare("clean", seed=seed, limit=Limit(), bundle=bundle)


def measure(times: int, bundle: Path | None = None, seed: int = 1) -> dict[str, object]:
    """Every kind of kill, `times` times each. `passed`: every line was safe in time, and no fruit strayed."""
    kills = [kill for victim, number in KINDS for kill in rehearse(setup(bundle, seed), victim, number, times, 30.0)]
    return {
        "within_ms": WITHIN_MS,
        "seed": seed,
        "passed": all(kill.safe_ms <= WITHIN_MS and not kill.strays for kill in kills),
        "safe_ms_max": max(kill.safe_ms for kill in kills),
        "held_open": sum(kill.held_open for kill in kills),
        "strays": sum(kill.strays for kill in kills),
        "kills": [asdict(kill) for kill in kills],
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.live.kills", description=main.__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = measure(given.times, given.bundle, given.seed)
    text = json.dumps(found, indent=2) + "\n"
    if given.json:
        given.json.write_text(text, encoding="utf-8")
    else:
        print(text)  # noqa: T201 - a program of its own when it is run by hand
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
