"""A calibration in virtual time: the device's own session on a machine of whose truth it knows nothing.

The hand of this desk lays the printed board onto the belt, or lets balls roll; the camera sees what lies there.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.calibrate.session import Laid, MakePart, Rig, Session
from edge.capture.mailbox import Mailbox
from edge.config import Profile
from edge.datapath import Frame
from sim.ball import BALL
from sim.board import Boards
from sim.camera import BeltCamera, Pixels
from sim.choice import BUILTIN
from sim.conveyor import Limit
from sim.fast_camera import READOUT_NS
from sim.fast_gates import FastGates
from sim.scenario import Scenario, load_scenario, profile_of
from sim.setup import Setup
from sim.timeline import START_NS, Actor, Timeline
from sim.world import World

_CAMERA, _GATES, _SESSION, _WORLD = range(4)
_WORLD_NS = 100_000_000
_LONGEST_NS = 3_600 * 10**9


class SimHand:
    """Answers `edge.calibrate.session.Hand`."""

    def __init__(self, world: World, timeline: Timeline, seed: int, middle_mm: float) -> None:
        self._world = world
        self._timeline = timeline
        self._seed = seed
        self._middle_mm = middle_mm
        self.boards: Boards | None = None
        world.hold_feed(True, timeline.now_ns)

    def lay(self, what: Laid) -> None:
        now_ns = self._timeline.now_ns
        self._world.belt.ask(self._world.slow if what == "balls on the slow belt" else 1.0, now_ns)
        self._world.hold_feed(not what.startswith("balls"), now_ns)
        travel_mm = self._world.belt.travel_mm(now_ns)
        self.boards = Boards(self._seed, self._middle_mm, travel_mm) if what == "board" else None


class _Eye:
    """The camera over this belt: fills the device's mailbox at every period."""

    def __init__(self, profile: Profile, world: World, hand: SimHand, seed: int) -> None:
        camera = profile.camera
        self._camera = BeltCamera(camera, world.camera_truth(), seed)
        self._view_mm = camera.view_mm
        self._world = world
        self._hand = hand
        self._period_ns = 1e9 / camera.frames_hz
        self._after_ns = camera.exposure_us * 500 + READOUT_NS
        self._number = 0
        self.mailbox = Mailbox(self._period_ns)

    def step(self, now_ns: int) -> int:
        if self._number:
            exposed_ns = now_ns - self._after_ns
            self.mailbox.put(Frame("sim", self._number, exposed_ns, self.picture(exposed_ns)))
        self._number += 1
        return START_NS + round(self._number * self._period_ns) + self._after_ns

    def picture(self, at_ns: int) -> Pixels:
        """What it sees at an instant."""
        travel_mm = self._world.belt.travel_mm(at_ns)
        placed = self._world.placed_at(at_ns)
        if self._hand.boards:
            placed += self._hand.boards.placed_at(travel_mm, self._view_mm)
        return self._camera.render(placed, travel_mm)


class CalibratingRun:
    """One machine and one calibration of it, built and ready; `run` it once. The world is the scenario's machine; the
    device believes `believed`, its profile where left out."""

    def __init__(self, scenario: str, seed: int, parts: Sequence[MakePart], believed: Profile | None = None) -> None:
        chosen = load_scenario(scenario)
        setup = _setup(chosen, scenario, seed)
        profile = setup.profile
        self._timeline = Timeline(START_NS)
        self.world = setup.world(START_NS)
        lanes = profile.lanes
        hand = SimHand(self.world, self._timeline, seed, (lanes[0].from_mm + lanes[-1].to_mm) / 2)
        self.eye = _Eye(profile, self.world, hand, seed)
        gates = FastGates(profile, self.world, self._timeline, _GATES, lambda held: None)
        self.session = Session(believed or profile, Rig(self.eye.mailbox, gates, hand), parts)
        actors = (Actor(_CAMERA, self.eye.step), gates.actor, Actor(_SESSION, self.session.step))
        for actor in (*actors, Actor(_WORLD, self._settle)):
            self._timeline.wake(actor, START_NS)

    def run(self) -> None:
        """To the end. Raises as the session does."""
        self._timeline.run(lambda: self.session.done)

    def _settle(self, now_ns: int) -> int:
        self.world.advance(now_ns)
        self.world.take_falls()
        return now_ns + _WORLD_NS


def _setup(chosen: Scenario, name: str, seed: int) -> Setup:
    path, profile = profile_of(chosen, name)
    feed = chosen.feed.model_copy(update={"length_mm": (BALL.diameter_mm,) * 2, "carried_mm": 0.0, "yaw_deg": 0.0})
    return Setup(
        scenario=chosen.model_copy(update={"feed": feed}),
        profile=profile,
        profile_path=path,
        seed=seed,
        limit=Limit(),
        perception="pixels",
        bundle=None,
        skins={BALL.label: [BALL]},
        fruit_images=BUILTIN,
    )
