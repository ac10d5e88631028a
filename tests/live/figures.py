"""Two figures of the live machine: from exec to the first verdict, and the main process's resident memory.

`python -m tests.live.figures start --times 5` and `python -m tests.live.figures memory --seconds 60`, as JSON.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
from pathlib import Path

from edge import clock
from tests.live.kills import child, live_desk, setup

NS = 1_000_000_000
START_S = 3.0
MEMORY_MB = 200.0
ROOT = Path(__file__).parents[2]


def first_verdict_s() -> float:
    """From the exec of `sorter sim`, the belt already carrying fruit, until it says its first verdict."""
    script = Path(sys.executable).with_name("sorter")
    command = [str(script)] if script.exists() else [sys.executable, "-m", "edge.cli"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    began_ns = clock.now_ns()
    with subprocess.Popen([*command, "sim"], env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = any("first verdict" in line for line in process.stdout)
        took_s = (clock.now_ns() - began_ns) / NS
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert said, "no first verdict"
    return took_s


def start(times: int) -> dict[str, object]:
    """The median over several starts, the first of which may find cold files."""
    found = [round(first_verdict_s(), 3) for _ in range(times)]
    median = statistics.median(found)
    return {"limit_s": START_S, "passed": median < START_S, "median_s": median, "starts_s": found}


def memory(seconds: float, bundle: Path | None = None) -> dict[str, object]:
    """The main process's resident memory at the end of a live run, and the gate process's beside it, in megabytes."""
    with live_desk(setup(bundle)) as desk:
        ends_ns = clock.now_ns() + round(seconds * NS)
        while (now_ns := clock.now_ns()) < ends_ns:
            clock.sleep_until(desk.step(now_ns))
        assert desk.device.process is not None and desk.health is not None
        assert desk.health.verdicts > 0 and desk.device.supervisor.restarts == 0
        main = desk.device.process.pid
        rss_mb, gates_mb = resident_mb(main), resident_mb(child(main, "edge.sort.gates"))
    passed = rss_mb < MEMORY_MB
    return {"limit_mb": MEMORY_MB, "passed": passed, "after_s": seconds, "rss_mb": rss_mb, "gates_mb": gates_mb}


def resident_mb(pid: int) -> float:
    """A process's resident memory, in 10^6 bytes."""
    listed = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return round(int(listed) * 1024 / 1e6, 1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.live.figures", description=main.__doc__)
    parser.add_argument("what", choices=["start", "memory"])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    found = start(given.times) if given.what == "start" else memory(given.seconds)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
