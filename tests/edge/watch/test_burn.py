"""What was agreed, watched by the machine itself: which budget burns too fast, and who is told to come when."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from edge.audited.roll import Drawn
from edge.bundle import FACTORY, load_bundle
from edge.datapath import GateClosed, GatePulse, Health, Outcome, OutcomeResult
from edge.incidents import CATALOGUE
from edge.indicators import agreed
from edge.watch.burn import BudgetWatch
from edge.watching import watches_of
from tests.edge.profiles import demo

S = 1_000_000_000
BEGIN_MIN = 29_000_000
AGREED = agreed()
GATE = "red_0"


class Bench:
    """A watch and its clock; every minute is kept as it ends."""

    def __init__(self, folder: Path, minute: int = 0, inspected: Iterable[Drawn] = ()) -> None:
        self.minute = minute
        profile = demo(history={"folder": folder}, telemetry={"broker": None})
        self.watch = BudgetWatch(profile, AGREED, lambda: inspected, lambda: ((BEGIN_MIN + self.minute) * 60_000, 0))
        self.keep()

    def keep(self) -> None:
        self.watch.keep(self.minute * 60 * S)

    def run(self, minutes: int, late: int = 0, of: int = 20, state: str = "sorting") -> None:
        """So many pulses a minute, some of them late."""
        for _ in range(minutes):
            self.watch.put(health(state))
            for n in range(of):
                self.watch.put(outcome("late" if n < late else "fired", n))
            self.keep()
            self.minute += 1
            self.keep()

    def told(self) -> dict[str, str]:
        """Of each incident that stands what an operator reads."""
        return {one.code: CATALOGUE[one.code].say(one.figures) for one in self.watch.news() if one.raised}


def outcome(result: OutcomeResult, n: int = 0, opened_at_ns: int = 0) -> Outcome:
    opened = opened_at_ns if result == "fired" else None
    return Outcome(GatePulse(f"r.{n}", GATE, 0, 1, 0, 0), result, opened, 0)


def health(state: str) -> Health:
    return Health(0, state, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0, 0, "offline")  # type: ignore[arg-type]


def test_a_rate_within_the_target_alarms_nobody(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(400, late=0)
    bench.run(1, late=1)
    bench.run(60)
    assert bench.told() == {}


def test_a_burst_of_late_pulses_calls_somebody_at_once_and_no_more_soon_after(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(120)
    bench.run(15, late=8)
    (said,) = bench.told().values()
    assert "(99.5 % agreed), missed " in said
    assert "somebody has to come now" in said
    bench.run(6)
    assert "come now" not in "".join(bench.told().values())
    bench.run(60)
    assert "for this week" in bench.told()["burn_in_time"]
    bench.run(300)
    assert bench.told() == {}


def test_what_is_told_stays_as_it_was_while_it_burns(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(60, late=6)
    before = bench.told()
    bench.run(30, late=10)
    assert bench.told() == before


def test_a_slow_leak_waits_for_the_shift(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(400, late=1)
    assert "before the shift ends" in bench.told()["burn_in_time"]


def test_minutes_in_the_safe_state_burn_the_uptime(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(60, of=0)
    bench.run(20, of=0, state="safe")
    assert set(bench.told()) == {"burn_sorting"}


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(200, late=1)
    bench.watch.close()
    later = Bench(tmp_path, bench.minute)
    later.run(1)
    assert set(later.told()) == {"burn_in_time"}


@pytest.mark.parametrize(("ended", "told"), [(False, {"burn_sorting"}), (True, set())])
def test_a_run_that_was_cut_off_is_down_until_the_next(tmp_path: Path, ended: bool, told: set[str]) -> None:
    bench = Bench(tmp_path)
    bench.run(30, of=0)
    if ended:
        bench.watch.close()
    later = Bench(tmp_path, bench.minute + 40)
    later.run(1, of=0)
    assert set(later.told()) == told


def test_a_file_that_is_broken_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch/burn.json").write_text('{"format": 1, "seen": 7}', encoding="utf-8")
    bench = Bench(tmp_path)
    bench.run(20, late=8)
    assert set(bench.told()) == {"burn_in_time"}


def test_a_clock_that_was_set_back_leaves_no_alarm_of_the_time_to_come(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(60, late=8)
    bench.minute = -5_000
    bench.run(10)
    assert bench.told() == {}


def test_gates_open_beyond_what_is_allowed_are_looked_into(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    longest_ns = round(demo().gates[GATE].longest_on_ms * 1e6)
    for n in range(100):
        bench.watch.put(outcome("fired", n))
        bench.watch.put(GateClosed(GATE, longest_ns + (20_000_000 if n % 10 == 0 else 0), (f"r.{n}",)))
    bench.run(1, of=0)
    assert set(bench.told()) == {"burn_openings"}


def test_what_people_say_of_audited_fruit_counts_as_of_the_last_that_they_judged(tmp_path: Path) -> None:
    since_s = BEGIN_MIN * 60
    drawn = [
        Drawn(f"r.{n}", "red", 0.02, since_s + 30.0 * n, {"anna": "green" if n % 2 else "red"}, "red")
        for n in range(600)
    ]
    bench = Bench(tmp_path, minute=600, inspected=drawn)
    bench.run(2)
    assert {"burn_right"} <= set(bench.told()) <= {"burn_right", "burn_worth"}
    assert "(92 % agreed)" in bench.told()["burn_right"]


def test_a_machine_with_a_history_watches_what_was_agreed(tmp_path: Path) -> None:
    bundle = load_bundle(FACTORY)
    with_history = watches_of(demo(history={"folder": tmp_path}, watch={"drift": False}), bundle, None)
    assert [type(one) for one in with_history] == [BudgetWatch]
    assert watches_of(demo(watch={"drift": False}), bundle, None) == ()
