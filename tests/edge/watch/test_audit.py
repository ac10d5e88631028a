"""The audit of a run, from drawn fruit and people's words to figures, an alarm and the next share."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.audited.draw import Sampled
from edge.config import Profile
from edge.datapath import BELT_END, Adopted, StepInputs, Verdict
from edge.inspection import Inspection
from edge.watch.audit import SAVE_NS, WORK_NS, Audit
from edge.watch.auditfile import KEY, ROLL, WATCH, secret_of
from edge.wishes import Said
from tests.edge.profiles import demo

S = 1_000_000_000
BUNDLE = "a@1"
EPOCH_S = 1_735_689_600


class Bench:
    """An audit and its surroundings: `at_ns` is both clocks' time."""

    def __init__(self, history: Path | None = None, bundle: str = BUNDLE, **audit: object) -> None:
        self.at_ns = 0
        self._n = 0
        self._draw = random.Random(7)
        self.audit = Audit(profile(history, **audit), "r", bundle, b"secret", self._utc)
        self.inspection = Inspection(BELT_END)

    def _utc(self) -> str:
        return datetime.fromtimestamp(EPOCH_S + self.at_ns / S, UTC).isoformat()

    def pass_(self, fruit: int, right: float | None, every_s: float = 1.0, drawn: bool = True) -> None:
        """So many fruit go by; people say of each whether it was right, or nothing at all."""
        for _ in range(fruit):
            self._n += 1
            self.at_ns += round(every_s * S)
            audit = Sampled(0.02, "red", "graded") if drawn else None
            self.audit.put(Verdict(f"r.{self._n}", "red", 0.9, 0.0, (0, 0, 1, 0), *sent(audit), 0, BUNDLE, "p", audit))
            said = []
            if right is not None:
                said = [Said(f"r.{self._n}", "anna", "red" if self._draw.random() < right else "green")]
            self.audit.serve(self.inspection, said)
            self.audit.keep(self.at_ns)

    def work(self) -> None:
        self.at_ns += WORK_NS
        self.audit.keep(self.at_ns)

    def alarms(self) -> list[tuple[str, bool]]:
        return [(told.code, told.raised) for told in self.audit.news()]


def sent(audit: Sampled | None) -> tuple[str, str]:
    return (BELT_END, "audited") if audit else ("red", "graded")


def profile(history: Path | None, **audit: object) -> Profile:
    return demo(audit={"share": 0.02, "agreed": 0.93, **audit}, history={"folder": history})


def test_the_share_is_offered_to_the_line_once() -> None:
    bench = Bench()
    bench.audit.serve(bench.inspection, ())
    assert bench.inspection.begin().share == 0.02
    bench.audit.serve(bench.inspection, ())
    assert bench.inspection.begin() is None


def test_what_people_say_of_drawn_fruit_is_known_within_half_a_minute() -> None:
    bench = Bench()
    bench.pass_(50, right=1.0)
    bench.pass_(5, right=None)
    bench.work()
    figures = bench.audit.latest()
    assert figures.found.precision["red"].value == 1.0
    assert (figures.found.reviewed, figures.found.drawn) == (50, 55)
    assert (figures.from_s, figures.until_s) == (EPOCH_S + 1, EPOCH_S + 50)


def test_a_word_about_another_fruit_changes_nothing() -> None:
    bench = Bench()
    bench.pass_(3, right=1.0)
    bench.audit.serve(bench.inspection, [Said("r.999", "anna", "red")])
    bench.work()
    assert bench.audit.latest().found.reviewed == 3


def test_it_warns_when_the_machine_is_no_longer_as_good_and_is_calm_again_when_it_is() -> None:
    bench = Bench()
    bench.pass_(200, right=0.97)
    bench.work()
    assert bench.alarms() == [("accuracy_fell", False)]
    bench.pass_(120, right=0.6)
    bench.work()
    assert bench.alarms() == [("accuracy_fell", True)]
    told = bench.audit.latest().alarm
    assert told["agreed"] == pytest.approx(93)
    assert told["right"] < 80
    bench.pass_(10, right=0.6)
    bench.work()
    assert bench.audit.latest().alarm == told  # said once
    bench.pass_(140, right=1.0)
    bench.work()
    assert bench.alarms() == [("accuracy_fell", False)]


def test_without_an_agreement_it_is_held_to_what_it_was_at_first() -> None:
    bench = Bench(agreed=None)
    bench.pass_(310, right=0.95)
    bench.work()
    assert 0.88 < bench.audit.latest().agreed < 0.95
    bench.pass_(150, right=0.6)
    bench.work()
    assert bench.alarms() == [("accuracy_fell", True)]


def test_another_bundle_begins_anew() -> None:
    bench = Bench()
    bench.pass_(40, right=0.5)
    bench.work()
    bench.audit.put(StepInputs(0, (), None, (), None, Adopted("b@2", "")))
    bench.pass_(2, right=1.0)
    bench.work()
    figures = bench.audit.latest()
    assert (figures.bundle, figures.found.reviewed, figures.alarm) == ("b@2", 2, None)


def test_the_share_follows_what_is_uncertain_at_set_instants() -> None:
    bench = Bench(least_share=0.001, most_share=0.2, width=0.05, adapt_minutes=5)
    bench.pass_(900, right=0.9)  # one a second, all of them inspected
    bench.audit.serve(bench.inspection, ())
    offered = bench.inspection.begin()
    needed = 4 * 1.96**2 * 0.9 * 0.1 / 0.05**2 / (3_600 * 8)
    assert offered.share == pytest.approx(needed, rel=0.35)
    assert bench.audit.latest().fruit_per_hour == pytest.approx(3_600, rel=0.02)


def test_a_share_that_is_not_to_move_stays(tmp_path: Path) -> None:
    bench = Bench(adapt_minutes=1)
    bench.pass_(300, right=0.5)
    bench.audit.serve(bench.inspection, ())
    assert bench.inspection.begin().share == 0.02


def test_a_restart_loses_nothing_and_draws_by_the_same_secret(tmp_path: Path) -> None:
    first = Bench(tmp_path, least_share=0.001, most_share=0.2)
    first.pass_(400, right=0.9)
    first.audit.close()
    again = Bench(tmp_path, least_share=0.001, most_share=0.2)
    again.at_ns = first.at_ns + S
    again.audit.serve(again.inspection, [Said("r.1", "bob", "green")])
    again.work()
    assert again.audit.latest().found.reviewed == 400
    assert again.audit.latest().found.disputed == 1
    assert secret_of(tmp_path) == secret_of(tmp_path) != secret_of(None)
    assert (tmp_path / WATCH / KEY).stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_good_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / WATCH).mkdir()
    (tmp_path / WATCH / ROLL).write_text('{"roll": {"bundle": "a@1"}, "share"')
    bench = Bench(tmp_path)
    bench.pass_(2, right=1.0)
    bench.work()
    assert bench.audit.latest().found.reviewed == 2


def test_a_disk_that_is_full_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / WATCH).write_text("a file where the folder should be")
    bench = Bench(tmp_path)
    bench.pass_(2, right=1.0)
    bench.at_ns += SAVE_NS
    bench.work()
    bench.audit.close()
    assert bench.audit.latest().found.reviewed == 2
