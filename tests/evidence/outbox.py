"""The outbox under kills, outages and power cuts, and what the control path feels of it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.bench.mosquitto import Listener, Mosquitto, broker_and_listener
from edge.clock import now_ns, sleep_until
from tests.evidence.felt import felt
from tests.evidence.powercuts import power_cuts
from tests.evidence.trial import ROOT, Finding, Trial, at_least, at_most, is_so, surroundings

SECONDS, TIMES = 600, 20
GRACE_NS = 50_000_000
NS = 1_000_000_000
SEED = 20
TARGET_RATIO = 1.1


def outbox(trial: Trial) -> Finding:
    """Ten minutes at 100 verdicts/s with 20 SIGKILLs of the device and 20 outages of the broker; power cuts; the line's
    own time in alternating blocks."""
    seconds, times = (SECONDS, TIMES) if trial.size >= 1 else (6, 2)
    for part in ("broker", "device"):
        (trial.folder / part).mkdir()
    with broker_and_listener(trial.folder / "broker") as (broker, listener):
        _abuse(trial, broker, listener, seconds, times)
        told = listener.ask()
    found = account(told, _decided(trial.folder / "device"))
    found |= power_cuts(trial.folder / "cut", trial.count(400, 10))
    blocks, block_s = (20, 15.0) if trial.size >= 1 else (2, 0.5)
    found |= felt(trial.folder / "felt", blocks, block_s)
    targets = [
        at_least("verdicts", found["verdicts"], (85 if trial.size >= 1 else 45) * seconds),
        at_most("verdicts lost that were decided 50 ms before a kill or earlier", found["lost"], 0),
        at_most("numbers that are neither there nor marked", found["unmarked"], 0),
        at_most("fruit told of twice, after (run_id, seq)", found["duplicates"], 0),
        is_so("live fruit and backlog each in order", found["disorder"] == 0),
        at_most("seconds that a power cut took, the most", found["power_cut_lost_s"], found["sync_s"]),
        at_most("power cuts that are not marked", found["power_cuts_unmarked"], 0),
    ]
    if trial.size >= 1:  # a second's blocks say nothing
        low = found["ratio_p99_interval"][0]
        targets.append(at_most("the line's p99 beside an outage, times that without, lower end", low, TARGET_RATIO))
    return Finding(found, targets, SEED)


def _abuse(trial: Trial, broker: Mosquitto, listener: Listener, seconds: float, times: int) -> None:
    """Kills and outages at random instants, then peace until all has come."""
    chance = random.Random(SEED)
    began_ns = now_ns()
    kills = sorted(chance.uniform(1.0, seconds - 1.0) for _ in range(times))
    outages = sorted(chance.uniform(0.5, seconds - 3.0) for _ in range(times))
    ends = [at_s + chance.uniform(0.2, min(8.0, seconds / times / 2)) for at_s in outages]
    events = sorted([(s, "kill") for s in kills] + [(s, "down") for s in outages] + [(s, "up") for s in ends])
    device = _Device(trial, broker.port)
    away = 0
    for at_s, what in events:
        sleep_until(began_ns + round(at_s * NS))
        if what == "kill":
            device.kill()
        elif what == "down":
            away += 1
            broker.stop()
        else:
            away -= 1
            if not away:
                broker.start()
    sleep_until(began_ns + round(seconds * NS))
    device.calm_down(listener)


class _Device:
    """The deciding process, from kill to kill."""

    def __init__(self, trial: Trial, port: int) -> None:
        self._folder = trial.folder / "device"
        self._port = port
        self._runs = 0
        self._start()

    def _start(self) -> None:
        self._runs += 1
        run = f"run{self._runs:03d}"
        command = [sys.executable, "-m", "tests.evidence.deciding", str(self._port), str(self._folder), run]
        log = self._folder / f"{run}.log"
        self._process = subprocess.Popen([*command, str(log)], cwd=ROOT, env=surroundings())

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        (self._folder / f"run{self._runs:03d}.killed").write_text(str(now_ns()), encoding="ascii")
        self._start()

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()

    def calm_down(self, listener: Listener) -> None:
        """Let the backlog run out, end in good order, and start once more for what that left."""
        before = -1
        # Live fruit alone are 300 in three seconds; a backlog brings up to 500 more in each.
        while (now := listener.ask()["messages"]) - before > 450 or before < 0:
            before = now
            sleep_until(now_ns() + 3 * NS)
        self._stop()
        self._start()
        sleep_until(now_ns() + 4 * NS)
        self._stop()
        sleep_until(now_ns() + NS)


def _decided(folder: Path) -> Iterator[tuple[str, dict[str, int], int | None]]:
    """Of each run: its name, when it decided what, and when it was killed."""
    for log in sorted(folder.glob("run*.log")):
        lines = (line.split() for line in log.read_text(encoding="ascii").splitlines())
        killed = log.with_suffix(".killed")
        at_ns = int(killed.read_text(encoding="ascii")) if killed.exists() else None
        yield log.stem, {track: int(at) for track, at in (line for line in lines if len(line) == 2)}, at_ns


def account(told: dict[str, Any], runs: Iterator[tuple[str, dict[str, int], int | None]]) -> dict[str, Any]:
    """What the subscriber has against what was decided."""
    heard = [track for tracks in told["tracks"].values() for track in tracks]
    known = set(heard)
    distinct = sum(len(numbers) for run in told["heard"].values() for numbers in run.values())
    verdicts = lost = lost_late = 0
    for _, decided, killed_at_ns in runs:
        verdicts += len(decided)
        for track, at_ns in decided.items():
            if track not in known:
                late = killed_at_ns is not None and at_ns > killed_at_ns - GRACE_NS
                lost_late += late
                lost += not late
    return {
        "verdicts": verdicts,
        "lost": lost,
        "lost_within_50_ms_of_a_kill": lost_late,
        "duplicates": len(heard) - len(known),
        "repeats_before_deduplication": told["messages"] - distinct,
        "gaps": len(told["gaps"]),
        "messages_marked": sum(gap["messages"] or 0 for gap in told["gaps"]),
        "unmarked": sum(len(_unmarked(run, told)) for run in told["heard"]),
        "disorder": sum(_disorder(numbers["tracks"]) for numbers in told["heard"].values() if "tracks" in numbers),
        "runs": len(told["heard"]),
    }


def _unmarked(run: str, told: dict[str, Any]) -> set[int]:
    numbers = {seq for kind in told["heard"][run].values() for seq in kind}
    missing = set(range(1, max(numbers) + 1)) - numbers
    for gap in told["gaps"]:
        if gap["of_run"] == run:
            missing -= {seq for seq in missing if gap["from_seq"] <= seq <= (gap["to_seq"] or seq)}
    return missing


def _disorder(numbers: list[int]) -> int:
    """How many numbers fit neither the live messages' order nor the backlog's: each of the two only ever grows."""
    live = backlog = disorder = 0
    for seq in numbers:
        if seq > live:
            live = seq
        elif seq > backlog:
            backlog = seq
        else:
            disorder += 1
    return disorder
