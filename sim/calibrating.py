"""A calibration in virtual time: the device's own session on a machine of whose truth it knows nothing.

The hand of this desk lays the printed board onto the belt, or lets balls roll; the camera sees what lies there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.calibrate.session import Laid, MakePart, Rig, Session
from edge.capture.mailbox import Mailbox
from edge.config import Profile
from edge.datapath import Frame
from sim.ball import BALL
from sim.board import Boards
from sim.camera import BeltCamera, Knock, Pixels
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
_STEADY_NS = 3_000_000_000
"""By then the belt has come back to its full speed, and balls to the picture."""


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
        self._settings, self._seed = camera, seed
        self._truth = replace(world.camera_truth(), marked=True)
        self._camera = BeltCamera(camera, self._truth, seed)
        self._view_mm = camera.view_mm
        self._world = world
        self._hand = hand
        self._period_ns = 1e9 / camera.frames_hz
        self._after_ns = camera.exposure_us * 500 + READOUT_NS
        self._number = 0
        self.mailbox = Mailbox(self._period_ns)

    def knock(self, knock: Knock | None) -> None:
        """From now on the camera is as something has left it."""
        self._camera = BeltCamera(self._settings, replace(self._truth, knock=knock), self._seed)

    def frames(self, from_ns: int, n: int) -> list[Frame]:
        """The next pictures from an instant on, which no later one may be before."""
        at_ns = (from_ns + round(k * self._period_ns) for k in range(n))
        return [Frame("sim", k, at, self.picture(at)) for k, at in enumerate(at_ns)]

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
    """One machine of a scenario, by name or a TOML file, and calibrations of it. `believed` is what its device begins
    with: the scenario's profile."""

    def __init__(self, scenario: str, seed: int) -> None:
        setup = _setup(load_scenario(scenario), scenario, seed)
        self.believed = setup.profile
        self._timeline = Timeline(START_NS)
        self.world = setup.world(START_NS)
        lanes = self.believed.lanes
        hand = SimHand(self.world, self._timeline, seed, (lanes[0].from_mm + lanes[-1].to_mm) / 2)
        self.eye = _Eye(self.believed, self.world, hand, seed)
        gates = FastGates(self.believed, self.world, self._timeline, _GATES, lambda held: None)
        self._rig = Rig(self.eye.mailbox, gates, hand)
        self.session = Session(self.believed, self._rig, ())
        self._next_ns = 0
        for actor in (Actor(_CAMERA, self.eye.step), gates.actor, Actor(_WORLD, self._settle)):
            self._timeline.wake(actor, START_NS)

    def calibrate(self, parts: Sequence[MakePart], patience_s: float = 600.0) -> Session:
        """To the end of all parts. Once. Raises as the session does."""
        self.session = Session(self.believed, self._rig, parts, patience_s)
        self._timeline.wake(Actor(_SESSION, self.session.step), self._timeline.now_ns)
        self._timeline.run(lambda: self.session.done)
        return self.session

    def frames(self, n: int) -> list[Frame]:
        """Pictures of the machine running on at its full speed after the calibration, balls and all."""
        if not self._next_ns:
            self._rig.hand.lay("balls")
        frames = self.eye.frames(self._next_ns or self._timeline.now_ns + _STEADY_NS, n)
        self._next_ns = frames[-1].exposed_at_ns + 1
        return frames

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
