"""A fruit is told of once, when all is known of it."""

from edge.audited.draw import Sampled
from edge.datapath import BELT_END, GateClosed, GatePulse, Look, Outcome, Track, Verdict
from edge.trace.decisions import PENDING, PICTURED_NS, Decisions

NS = 1_000_000_000
SCORES = (0.9, 0.05, 0.03, 0.02)


def track(track_id: str = "run.1") -> Track:
    return Track(track_id, 1, 0, 100.0, 58.0, (Look(track_id, 7, 12.5, SCORES, 0.01),))


def verdict(track_id: str = "run.1", outlet: str = "crate", audit: Sampled | None = None) -> Verdict:
    return Verdict(track_id, "green", 0.9, 0.01, SCORES, outlet, "graded", 1_000, "b@0", "p", audit)


def outcome(result: str, track_id: str = "run.1") -> Outcome:
    return Outcome(GatePulse(track_id, "left", 0, 9, 1, 1), result, 2_000 if result == "fired" else None, 5)


def test_a_fruit_whose_gate_opens_waits_until_it_has_closed() -> None:
    decisions = Decisions(lambda track_id: 3)
    assert decisions.take(track()) == decisions.take(verdict()) == decisions.take(outcome("fired")) == []
    (told,) = decisions.take(GateClosed("left", 3_000, ("run.1",)))
    assert (told.gate, told.result, told.opened_at_ns, told.closed_at_ns, told.late_ns) == (
        *("left", "fired", 2_000, 3_000, 5),
    )
    assert (told.lane, told.length_mm, told.pictures, told.looks[0].frame) == (1, 58.0, 3, 7)
    assert decisions.end() == []


def test_a_fruit_that_no_gate_opens_for_is_told_at_once() -> None:
    decisions = Decisions()
    (told,) = (*decisions.take(track()), *decisions.take(verdict(outlet=BELT_END)))
    assert (told.gate, told.result, told.opened_at_ns) == (None, None, None)
    decisions.take(verdict("run.2"))
    (late,) = decisions.take(outcome("late", "run.2"))
    assert (late.result, late.opened_at_ns, late.closed_at_ns) == ("late", None, None)


def test_a_fruit_is_told_of_when_its_pictures_are_written_and_after_a_while_without() -> None:
    kept: dict[str, int] = {}
    decisions = Decisions(kept.get)
    assert decisions.take(verdict(outlet=BELT_END)) == decisions.take(verdict("run.2", BELT_END)) == []
    assert decisions.wait(NS) == []
    kept["run.1"] = 4
    assert [(one.track_id, one.pictures) for one in decisions.wait(2 * NS)] == [("run.1", 4)]
    assert decisions.wait(NS + PICTURED_NS - 1) == []
    assert [(one.track_id, one.pictures) for one in decisions.wait(NS + PICTURED_NS)] == [("run.2", 0)]


def test_a_run_that_ends_leaves_no_fruit_out_whose_pictures_are_not_known() -> None:
    decisions = Decisions({"run.2": 3}.get)
    for track_id in ("run.1", "run.2"):
        decisions.take(verdict(track_id, BELT_END))
    decisions.take(verdict("run.3"))
    assert [(one.track_id, one.pictures) for one in decisions.end()] == [("run.1", 0), ("run.2", 3), ("run.3", 0)]
    assert decisions.end() == []


def test_what_the_audit_took_aside_says_where_it_would_have_gone() -> None:
    (told,) = Decisions().take(verdict(outlet=BELT_END, audit=Sampled(0.02, "crate", "graded")))
    assert (told.audit, told.sorted_to, told.sorted_for) == (0.02, "crate", "graded")


def test_fruit_whose_gate_never_answers_are_told_all_the_same() -> None:
    decisions = Decisions()
    early = [told for n in range(PENDING + 3) for told in decisions.take(verdict(f"run.{n}"))]
    assert [told.track_id for told in early] == ["run.0", "run.1", "run.2"]
    assert len(decisions.end()) == PENDING
