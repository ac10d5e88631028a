"""The ledger of a run: what changed, what was decided, and nothing of it lost but what a kill takes."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from edge.bundle import FACTORY, load_bundle
from edge.config import Profile, load_profile
from edge.datapath import Adopted, Incident, StepInputs
from edge.ledger.entries import Decision, Event
from edge.ledger.reading import read
from edge.ledger.writing import LedgerWriter
from edge.trace.ledger import MOST_QUEUED, PUZZLED_NS, WRITE_NS, Begun, Ledger
from tests.edge.trace.test_decisions import verdict

DEMO = Path(__file__).parents[3] / "firmware_config" / "profiles" / "demo.toml"
BUNDLE = load_bundle(FACTORY).identity


def profile(folder: Path, **belt: float) -> Profile:
    own = load_profile(DEMO)
    history = own.history.model_copy(update={"folder": folder})
    return own.model_copy(update={"history": history, "belt": own.belt.model_copy(update=belt)})


class Run:
    """A ledger in virtual time."""

    def __init__(self, folder: Path, run_id: str = "run", **more) -> None:
        self.now_ns = 0
        begun = Begun(more.pop("profile", None) or profile(folder), run_id, BUNDLE, FACTORY, more.pop("ended", None))
        self.ledger = Ledger(begun, lambda: (self.now_ns // 1_000_000, self.now_ns), **more)

    def step(self) -> None:
        self.now_ns += WRITE_NS
        self.ledger.step(self.now_ns)


def said(folder: Path, *kinds: str) -> list[Event]:
    events = [one.entry for one in read(folder) if isinstance(one.entry, Event)]
    return [event for event in events if not kinds or event.kind in kinds]


def test_a_run_says_what_it_runs_on_and_the_next_only_what_is_new(tmp_path: Path) -> None:
    Run(tmp_path).ledger.close()
    Run(tmp_path, "two").ledger.close()
    kinds = [event.kind for event in said(tmp_path)]
    assert kinds == ["run", "profile", "bundle", "release", "ended", "run", "ended"]
    (whole,) = said(tmp_path, "profile")
    assert whole.said["belt"] == {"speed_mm_s": 600.0} and whole.who and str(DEMO) in str(whole.why)
    (bundle,) = said(tmp_path, "bundle")
    assert bundle.about == BUNDLE and bundle.said["origin"]["code_commit"]


def test_a_profile_that_changed_says_which_keys_and_who(tmp_path: Path) -> None:
    Run(tmp_path).ledger.close()
    Run(tmp_path, "two", profile=profile(tmp_path, speed_mm_s=550.0), ended="was killed").ledger.close()
    (change,) = said(tmp_path, "changed")
    assert change.said["keys"] == {"belt.speed_mm_s": [600.0, 550.0]} and change.who
    assert said(tmp_path, "run")[1].why == "the run before it was killed"


def test_events_stand_in_order_with_the_fruit_and_an_adopted_bundle_is_explained(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.step()
    run.ledger.put(Incident(5, "camera_lost", "raised"))
    run.ledger.put(verdict("run.1", "end"))
    run.ledger.put(StepInputs(7, (), None, (), adopted=Adopted(BUNDLE, str(FACTORY))))
    run.ledger.put(Event(8, "label", "maria", "noted", "run.1", {"label": "red"}))
    run.ledger.close()
    entries = [one.entry for one in read(tmp_path)]
    named = [entry.kind if isinstance(entry, Event) else entry.track_id for entry in entries]
    assert named[4:] == ["incident", "run.1", "adopted", "bundle", "release", "label", "ended"]


def test_a_kill_takes_two_seconds_at_most(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for n in range(10):
        run.ledger.put(verdict(f"run.{n}", "end"))
        run.step()
    run.ledger.put(verdict("run.10", "end"))
    run.ledger.abandon()
    Run(tmp_path, "two", ended="was killed").ledger.close()
    assert len([one for one in read(tmp_path) if isinstance(one.entry, Decision)]) == 10


def test_what_a_full_disk_did_not_take_is_written_when_it_can(tmp_path: Path) -> None:
    full = [True]

    class Full(LedgerWriter):
        def append(self, entries, times):
            if full[0]:
                raise OSError(errno.ENOSPC, "No space left on device")
            super().append(entries, times)

    run = Run(tmp_path, opened=Full)
    run.ledger.put(verdict("run.1", "end"))
    run.step()
    assert not run.ledger.well()
    full[0] = False
    run.step()
    assert run.ledger.well()
    run.ledger.close()
    assert [event.kind for event in said(tmp_path)][:2] == ["run", "profile"]
    assert len([one for one in read(tmp_path) if isinstance(one.entry, Decision)]) == 1


def test_what_there_was_no_room_for_is_counted(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for n in range(MOST_QUEUED + 5):
        run.ledger.put(Event(n, "note"))
    run.ledger.close()
    (lost,) = said(tmp_path, "lost")
    assert lost.said["entries"] == 5


def test_an_event_that_cannot_be_written_costs_itself_alone(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.ledger.put(Event(1, "note", said={"what": float("nan")}))
    run.ledger.put(replace(verdict("run.1", "end"), confidence=float("nan")))
    run.ledger.put(verdict("run.2", "end"))
    run.step()
    run.step()
    run.ledger.close()
    assert [one.entry.track_id for one in read(tmp_path) if isinstance(one.entry, Decision)] == ["run.2"]
    assert said(tmp_path, "lost")[0].said["entries"] == 2


def test_a_record_that_cannot_be_taken_costs_itself_alone_is_counted_and_told(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.step()
    run.ledger.put(Incident(5, "of no catalogue", "raised"))
    run.ledger.put(verdict("run.1", "end"))
    run.step()
    assert not run.ledger.well()
    for _ in range(PUZZLED_NS // WRITE_NS):
        run.step()
    assert run.ledger.well()
    run.ledger.close()
    assert said(tmp_path, "lost")[0].said["entries"] == 1
    assert [one.entry.track_id for one in read(tmp_path) if isinstance(one.entry, Decision)] == ["run.1"]


def test_one_who_counts_pictures_and_fails_ends_no_ledger(tmp_path: Path) -> None:
    def broken(track_id: str) -> int:
        raise ZeroDivisionError

    run = Run(tmp_path, kept=broken)
    run.ledger.put(verdict("run.1", "end"))
    run.step()
    assert not run.ledger.well()
    run.ledger.close()
    assert [event.kind for event in said(tmp_path)][:1] == ["run"]


def test_a_folder_that_another_run_writes_is_not_written_twice(tmp_path: Path) -> None:
    first, second = Run(tmp_path), Run(tmp_path, "two")
    first.step()
    second.step()
    assert first.ledger.well() and not second.ledger.well()
    second.ledger.close()
    first.ledger.close()
    assert {one.run_id for one in read(tmp_path)} == {"run"}


@pytest.mark.slow
def test_a_small_ledger_explains_itself_from_wherever_it_begins(tmp_path: Path) -> None:
    own = profile(tmp_path)
    small = own.model_copy(update={"history": own.history.model_copy(update={"ledger_bytes": 30_000})})
    run = Run(tmp_path, profile=small)
    for n in range(40):
        run.ledger.put(Event(n, "note", said={"text": f"{n * 7919 % 9973:09d}" * 200}))
        run.ledger.put(Event(n, "note", said={"text": Path(__file__).read_text()[n * 10 : n * 10 + 3_000]}))
        run.step()
    run.ledger.close()
    events = said(tmp_path)
    assert [event.kind for event in events[:3]] == ["profile", "bundle", "release"]
    assert not said(tmp_path, "run")
