"""The audit's draw in the line: independent of the verdict, recorded, and harmless where the fruit cannot get there."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from edge.audited.draw import Sampled, Sampling, drawn, key_of_run
from edge.config import Gate, Profile
from edge.datapath import BELT_END, BeltSample, Detection, Frame, StepInputs, Verdict
from edge.inspection import MOST_SHOWN, Inspection, as_sorted
from edge.line import Line
from edge.overload import LookBudget
from edge.replay import Replay
from edge.trace.header import load_header
from edge.trace.segments import read_segment
from edge.trace.store import segments
from tests.edge.profiles import demo
from tests.edge.recorded import CropGrader, bundle_in, recorded
from tests.edge.test_line import FRAME_NS, GREEN, SPEED_UM_S, THRESHOLDS, World

KEY = key_of_run(b"secret", "r")
ALL = Sampling(1.0, KEY)


def verdict(reason="graded", outlet="red", track_id="r.1") -> Verdict:
    return Verdict(track_id, "red", 0.9, 0.0, (0, 0, 1, 0), outlet, reason, 0, "b", "p")


def inspection(sampling: Sampling = ALL, outlet: str = BELT_END) -> Inspection:
    made = Inspection(outlet)
    made.offer(sampling)
    assert made.begin() == sampling
    assert made.begin() is None
    return made


@pytest.mark.parametrize(("reason", "outlet"), [("graded", "red"), ("doubtful", "end"), ("unknown", "end")])
def test_a_fruit_is_drawn_whatever_the_bundle_said_of_it(reason, outlet) -> None:
    sent = inspection().of(verdict(reason, outlet))
    assert (sent.outlet, sent.reason, sent.label) == (BELT_END, "audited", "red")
    assert sent.audit == Sampled(1.0, outlet, reason)
    assert as_sorted(sent) == verdict(reason, outlet)


@pytest.mark.parametrize("reason", ["crowded", "shed", "gateless", "lost"])
def test_a_fruit_of_which_the_bundle_said_nothing_is_not_drawn(reason) -> None:
    assert inspection().of(verdict(reason, "end")) is None


def test_nothing_is_drawn_until_somebody_asks_for_it() -> None:
    assert Inspection(BELT_END).of(verdict()) is None
    assert inspection(Sampling(0.0, KEY)).of(verdict()) is None


class Onlooker:
    def __init__(self) -> None:
        self.steps: list[list[str]] = []

    def looked(self, seen: Sequence[tuple[str, Detection]]) -> None:
        self.steps.append([track_id for track_id, _ in seen])


def run(world: World, profile: Profile, sampling: Sampling, aside: Onlooker | None = None) -> list[Verdict]:
    line = Line(profile, "r", world, world, world, world, world, THRESHOLDS)
    line.inspection.offer(sampling)
    line.aside = aside
    now = frame = 0
    while now < 3e9:
        world.said.append(BeltSample(now, now * SPEED_UM_S // 10**9, SPEED_UM_S))
        wake, delivered = line.step(now), frame * FRAME_NS + 4_000_000
        if delivered <= wake:
            world.frame = Frame("c", frame, frame * FRAME_NS, np.zeros((1, 1, 3), np.uint8))
            frame += 1
        now = max(now + 1, min(wake, delivered))
    return world.of(Verdict)


ROW = [60_000 + n * 130_000 for n in range(8)]


def test_a_drawn_fruit_gets_no_pulse_and_its_neighbours_keep_theirs() -> None:
    half = Sampling(0.5, KEY)
    world = World(ROW, others=GREEN)
    made = run(world, demo(), half)
    audited = {v.track_id for v in made if v.reason == "audited"}
    assert 0 < len(audited) < len(made)
    assert audited == {v.track_id for v in made if drawn(half, v.track_id)}
    assert {p.track_id for p in world.pulses} == {v.track_id for v in made} - audited
    (told,) = {r.sampling for r in world.of(StepInputs)} - {None}
    assert told == half


def test_a_line_in_a_hurry_shows_the_drawn_fruit_all_the_same_and_no_others(monkeypatch) -> None:
    monkeypatch.setattr(LookBudget, "is_ample", False)
    half, eyes = Sampling(0.5, KEY), Onlooker()
    made = run(World(ROW), demo(), half, eyes)
    audited = {v.track_id for v in made if v.reason == "audited"}
    assert 0 < len(audited) < len(made)
    assert {track_id for step in eyes.steps for track_id in step} == audited
    assert max(map(len, eyes.steps)) <= MOST_SHOWN


def test_what_a_line_in_a_hurry_shows_is_bounded_however_many_are_drawn() -> None:
    looks = [(f"r.{n}", None) for n in range(10)]
    assert inspection().shown(looks) == looks[:MOST_SHOWN]


def with_inspectors() -> Profile:
    """The demo with a gate more in each lane, to the people who look."""
    plain = demo(audit={"outlet": "bin"})
    last = max(gate.x_mm for gate in plain.gates.values())
    more = {
        f"bin_{lane}": Gate.model_validate(
            plain.gates["red_0"].model_dump() | {"lane": lane, "outlet": "bin", "pin": 2 + lane, "x_mm": last + 100}
        )
        for lane in range(len(plain.lanes))
    }
    return plain.model_copy(update={"gates": plain.gates | more})


def test_an_outlet_of_its_own_is_reached_by_a_pulse() -> None:
    world = World(ROW)
    made = run(world, with_inspectors(), ALL)
    assert {(v.outlet, v.reason) for v in made} == {("bin", "audited")}
    assert {p.gate for p in world.pulses} == {"bin_0"}


def test_a_fruit_that_cannot_get_there_is_sorted_as_if_it_had_not_been_drawn() -> None:
    made = run(World(ROW), demo(audit={"outlet": "bin"}), ALL)  # no gate leads there
    assert {(v.outlet, v.reason, v.audit) for v in made} == {("red", "graded", None)}


@pytest.mark.slow
def test_a_replay_draws_the_same_fruit_also_where_it_begins_in_mid_run(tmp_path: Path) -> None:
    run = recorded(tmp_path, draws={7: Sampling(0.3, KEY), 300: Sampling(0.7, KEY)})
    held = segments(run)
    made = [fields for each in held for fields, _ in read_segment(each.path).entries if fields["kind"] == "verdict"]
    assert {fields["audit"][0] for fields in made if fields["reason"] == "audited"} == {0.3, 0.7}
    bundle = bundle_in(tmp_path / "bundle")
    for from_segment in (0, 1):
        for each in held[:from_segment]:
            each.path.unlink()
        found = Replay(run, load_header(run), CropGrader(bundle.identity), bundle).run()
        assert found.differences == 0
        assert found.compared["verdict"] > 10
