"""One set of claims for time: the machine's clock with a shell that sleeps, and the simulator's virtual time."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from edge import clock
from sim.timeline import Actor, Timeline

Step = Callable[[int], int]
MS = 1_000_000


def real(step: Step, first_ns: int, steps: int) -> int:
    """Steps as `edge.app` does, sleeping to each wake; returns the instant at its end."""
    wake_ns = first_ns
    for _ in range(steps):
        wake_ns = step(clock.sleep_until(wake_ns))
    return clock.now_ns()


def virtual(step: Step, first_ns: int, steps: int) -> int:
    timeline = Timeline(clock.now_ns())
    left = [steps]

    def counted(now_ns: int) -> int:
        left[0] -= 1
        return step(now_ns)

    timeline.wake(Actor(0, counted), first_ns)
    timeline.run(lambda: not left[0])
    return timeline.now_ns


@pytest.fixture(params=[real, virtual], ids=lambda run: run.__name__)
def run(request: pytest.FixtureRequest) -> Callable[[Step, int, int], int]:
    return request.param


def test_a_step_is_never_early_and_time_never_goes_back(run) -> None:
    seen, asked = [], [clock.now_ns() + 2 * MS]

    def step(now_ns: int) -> int:
        seen.append(now_ns)
        asked.append(now_ns + 3 * MS)
        return asked[-1]

    end_ns = run(step, asked[0], 5)
    assert all(isinstance(now_ns, int) for now_ns in seen)
    assert all(now_ns >= due_ns for now_ns, due_ns in zip(seen, asked, strict=False))
    assert all(after >= before for before, after in pairwise([*seen, end_ns]))


def test_a_wake_that_is_past_is_stepped_at_once_and_at_the_present(run) -> None:
    seen: list[int] = []
    first_ns = clock.now_ns() + MS

    def step(now_ns: int) -> int:
        seen.append(now_ns)
        return now_ns - 50 * MS

    run(step, first_ns, 3)
    assert seen[0] >= first_ns
    assert seen == sorted(seen)


def test_kernel_stamps_become_instants_of_the_one_clock() -> None:
    before_ns = clock.now_ns()
    stamp_ns = clock.from_monotonic_ns(time.monotonic_ns())
    assert before_ns - MS <= stamp_ns <= clock.now_ns() + MS


def test_where_there_is_no_boot_time_the_clock_is_monotonic() -> None:
    program = (
        "import time\n"
        "vars(time).pop('CLOCK_BOOTTIME', None)\n"
        "from edge import clock\n"
        "assert abs(clock.now_ns() - time.monotonic_ns()) < 1_000_000_000\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, timeout=30)
