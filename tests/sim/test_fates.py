import pytest

from edge.datapath import BeltSample, GatePulse, Outcome, Track, Verdict
from sim.conveyor import Item
from sim.fates import RecordLog, Told, fate_of
from sim.world import Fall
from tests.sim.worlds import PlainSkin, fruit

S = 1_000_000_000


def fall(outlet: str, label: str = "red") -> Fall:
    gate = None if outlet == "end" else f"{outlet}_0"
    return Fall(Item(0, fruit(skin=PlainSkin(label)), 0.0), outlet, gate, S, S)


def verdict(label: str = "red", outlet: str = "red", reason="graded") -> Verdict:
    return Verdict("run.1", label, 0.9, 0.0, (0, 0, 1, 0), outlet, reason, S, "b", "p")


def pulse(gate: str = "red_0") -> GatePulse:
    return GatePulse("run.1", gate, 700_000, 750_000, 0, 0)


def told(said: Verdict | None = None, result=None, gate: str = "red_0") -> Told:
    outcome = Outcome(pulse(gate), result, S if result == "fired" else None, 0) if result else None
    return Told("run.1", 0, S, verdict=said, pulse=outcome and outcome.pulse, outcome=outcome)


END = {"outlet": "end"}

CASES = [
    ("fell as the machine said, and is what it said", "red", "red", told(verdict(), "fired"), "right"),
    ("fell as said, the verdict was wrong", "red", "green", told(verdict(), "fired"), "misgraded"),
    ("its gate missed it", "end", "red", told(verdict(), "fired"), "misdirected"),
    ("its pulse was too late", "end", "red", told(verdict(), "late"), "late"),
    ("its pulse was refused", "end", "red", told(verdict(), "refused"), "shed"),
    ("nothing was heard of its pulse", "end", "red", told(verdict()), "shed"),
    ("sent to the end for lack of capacity", "end", "red", told(verdict("red", "end", "shed")), "shed"),
    ("tracked and never decided", "end", "red", told(), "shed"),
    ("never tracked", "end", "red", None, "unseen"),
    ("never tracked, and taken by a pulse", "red", "red", None, "unseen"),
    ("taken by another's pulse at another gate", "turning", "red", told(verdict(), "fired"), "collateral"),
    ("late, and taken by another's pulse", "red", "red", told(verdict(), "late"), "collateral"),
    ("doubtful, and taken by a pulse", "red", "red", told(verdict("red", "end", "doubtful")), "collateral"),
    ("doubtful", "end", "red", told(verdict("red", "end", "doubtful")), "unsure"),
    ("crowded", "end", "red", told(verdict("red", "end", "crowded")), "unsure"),
    ("a tomato called unknown", "end", "red", told(verdict("unknown", "end", "unknown")), "unsure"),
    ("no tomato, called unknown", "end", "unknown", told(verdict("unknown", "end", "unknown")), "right"),
    ("no tomato, doubtful", "end", "unknown", told(verdict("red", "end", "doubtful")), "right"),
    ("no tomato, sorted as red", "red", "unknown", told(verdict(), "fired"), "misgraded"),
    ("drawn for inspection", "end", "red", told(verdict("red", "end", "audited")), "unsure"),
    (
        "drawn, and fell to the inspectors",
        "bin",
        "red",
        told(verdict("red", "bin", "audited"), "fired", "bin_0"),
        "unsure",
    ),
    ("drawn, and its gate missed it", "end", "red", told(verdict("red", "bin", "audited"), "fired"), "misdirected"),
    ("no tomato, drawn for inspection", "end", "unknown", told(verdict("red", "end", "audited")), "right"),
    ("a grade that is routed to the belt's end", "end", "green", told(verdict("green", "end")), "right"),
    ("wrongly called one that is routed to the end", "end", "red", told(verdict("green", "end")), "misgraded"),
]


@pytest.mark.parametrize(("what", "outlet", "label", "said", "fate"), CASES, ids=[case[0] for case in CASES])
def test_every_fruit_has_the_first_fate_that_applies(what, outlet, label, said, fate):
    assert fate_of(fall(outlet, label), said, held=False) == fate


@pytest.mark.parametrize("said", [None, told(verdict(), "late"), told(verdict("red", "end", "doubtful"))])
def test_a_fruit_that_ran_to_the_end_in_the_safe_state_is_held_whatever_was_said_of_it(said):
    assert fate_of(fall("end"), said, held=True) == "held"


def test_a_fruit_that_fell_in_the_safe_state_is_not_held():
    assert fate_of(fall("red"), told(verdict(), "fired"), held=True) == "right"


def log_with(*tracks: tuple[str, int, int]) -> RecordLog:
    log = RecordLog()
    log.put(BeltSample(0, 0, 600_000))
    for track_id, lane, belt_um in tracks:
        log.put(Track(track_id, lane, belt_um, 108.0, 60.0, ()))
    return log


def test_a_track_is_claimed_by_the_fruit_that_stood_there_then():
    log = log_with(("run.1", 0, 600_000), ("run.2", 0, 660_000), ("run.3", 1, 600_000))
    claimed = log.claim(0, S + 5_000_000, 50_000_000)
    assert claimed is not None and claimed.track_id == "run.1"
    assert log.claim(0, S, 50_000_000) is None
    assert log.claim(1, S, 50_000_000).track_id == "run.3"


def test_of_two_tracks_of_one_fruit_the_one_with_a_verdict_counts_and_the_other_is_a_stranger():
    log = log_with(("run.1", 0, 600_000), ("run.2", 0, 606_000))
    log.put(Verdict("run.2", "red", 1, 0, (0, 0, 1, 0), "red", "graded", S, "b", "p"))
    assert log.claim(0, S, 50_000_000).track_id == "run.2"
    assert log.take_strangers(S // 2) == 0
    assert log.take_strangers(2 * S) == 1


def test_every_outcome_is_counted_by_its_result_and_the_slack_is_the_time_left():
    log = log_with(("run.1", 0, 600_000))
    log.put(verdict())
    log.put(GatePulse("run.1", "red_0", 900_000, 950_000, 15_000_000, 15_000_000))
    for result in ("fired", "late", "late", "refused"):
        log.put(Outcome(pulse(), result, None, 0))
    assert (log.fired, log.late, log.refused) == (1, 2, 1)
    assert log.claim(0, S, S).slack_ns == S // 2 - 15_000_000
