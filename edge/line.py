"""The control path as one step: gate events → frame → detections → tracks → looks → verdicts → pulses.

It reads no clock and waits for nothing: `edge.app` and the simulator call the same step, in real and in virtual time.
"""

from __future__ import annotations

from dataclasses import replace

from edge.audited.draw import Sampled, Sampling
from edge.belt import BeltHistory
from edge.bundle import Thresholds
from edge.config import Profile
from edge.course import Course
from edge.datapath import (
    BELT_END,
    BeltSample,
    Detection,
    EmergencyStop,
    Frame,
    GatePulse,
    Look,
    StepInputs,
    Track,
    Verdict,
)
from edge.detect.tracks import Followed, Tracker
from edge.grade.verdict import decide, settled
from edge.gradings import Grading, Gradings, Named
from edge.incidents import Told
from edge.inspection import Inspection
from edge.overload import Counts, LookBudget
from edge.ports import Aside, Camera, Detector, GateLink, Grader, RecordSink
from edge.sight import Sight
from edge.sort import confirm
from edge.sort.planner import Reach, plan
from edge.standing import Standing
from edge.vicinity import neighbours

_IDLE_NS = 20_000_000
"""The longest rest between two steps: the gate process must hear a beat well within its heartbeat limit."""


class Line:
    """One run. All methods belong to the main thread.

    Raises GateFault (from `step`) when the gate process is gone: nothing more can be sorted, the run must end.
    Raises CameraFault when the camera has stopped for good.
    """

    REMEMBERED = (
        *(BeltHistory, BeltSample, Tracker, Followed, Look, Counts, Verdict, LookBudget, Told, Standing),
        *(Course, *Course.PARTS, Sight, *Sight.PARTS, Named, Inspection, Sampled, Sampling),
        *confirm.REMEMBERED,
    )
    """The classes that its memory is made of."""

    def __init__(
        self,
        profile: Profile,
        run_id: str,
        camera: Camera,
        detector: Detector,
        grader: Grader,
        gates: GateLink,
        sink: RecordSink,
        thresholds: Thresholds,
    ) -> None:
        self.counts = Counts()
        self.belt = BeltHistory()
        self._profile = profile
        self._camera = camera
        self._detector = detector
        self._gates = gates
        self._sink = sink
        self.gradings = Gradings(Grading.of(profile, grader, thresholds))
        self._tracker = Tracker(profile, run_id)
        self._budget = LookBudget(profile)
        self._reaches = [Reach(lane, profile) for lane in range(len(profile.lanes))]
        self._course = Course(profile)
        self.sight = Sight(profile.camera)
        self._confirmation = confirm.Confirmation(profile)
        self.standing = Standing(sink.put, gates.hold)
        self.inspection = Inspection(profile.audit.outlet)
        self.aside: Aside | None = None
        self._look_spacing_um = round(profile.camera.view_mm * 1000 / profile.grade.most_looks)

    def step(self, now_ns: int) -> int:
        """Do all that is due; returns the instant of the next step, unless a frame comes before."""
        self._gates.beat()
        # Before the events, so that a camera that is gone takes none with it.
        frame = self._camera.take() if self.belt.known else None
        events = tuple(self._gates.events(now_ns))
        for event in events:
            if isinstance(event, BeltSample):
                self.belt.observe(event)
        fresh, detections, scene = self.sight.search(frame, now_ns, self._detector, self.belt)
        news = self.gradings.take_over(), self.inspection.begin()
        self._sink.put(StepInputs(now_ns, events, frame, detections, scene, *news))
        for event in events:
            self._sink.put(event)
            self._confirmation.hear(event, self.belt)
            if told := self._course.hear(event):
                self.standing.hear(told, now_ns)
            if isinstance(event, EmergencyStop):
                self.standing.stop(event.pressed, now_ns)
        if not self.belt.known:
            return now_ns + _IDLE_NS
        self.standing.hear(self.sight.see(fresh, scene, now_ns), now_ns)
        if fresh:
            self._follow(fresh, detections, now_ns)
        self._decide_leaving(now_ns)
        return self._next_wake(now_ns)

    def memory(self) -> dict[str, object]:
        """All that a step finds left by the steps before it, for the recorder: a line built anew with the same settings
        goes on from there. Whatever a step comes to remember belongs here, its classes in `REMEMBERED`."""
        return {
            "belt": self.belt,
            "tracker": self._tracker,
            "gradings": self.gradings.named,
            "course": self._course,
            "budget": self._budget,
            "counts": self.counts,
            "sight": self.sight,
            "standing": self.standing,
            "confirmation": self._confirmation,
            "inspection": self.inspection,
        }

    def _follow(self, frame: Frame, detections: tuple[Detection, ...], now_ns: int) -> None:
        """Place a frame's fruit by the belt's travel in the middle of its exposure, and look at those that are due, as
        far as time allows."""
        self._gates.beat()
        self.counts.frames += 1
        travel_um = self.belt.um_at(frame.exposed_at_ns)
        self._budget.frame(now_ns, frame, travel_um)
        if self.sight.dark:
            return
        moving, told = self._course.see(travel_um, detections)
        self.standing.hear(told, now_ns)
        if self._course.lost:
            self._tracker.forget(travel_um)
        seen = self._tracker.see(travel_um, moving)
        for followed, detection in seen:
            if followed.seen % 2:
                self._course.drift.sight(followed.track_id, travel_um, detection.x_mm)
        due = [pair for pair in seen if self._due(pair[0], travel_um)]
        chosen = self._budget.choose(due, travel_um, self._tracker.leaves_um)
        looks: list[Look] = []
        for (followed, _), (grades, sharpness) in zip(
            chosen, self.gradings.grade(chosen, self._gates.beat), strict=True
        ):
            said = (grades.scores, grades.unknown_score, grades.features, grades.colour)
            look = Look(followed.track_id, frame.number, sharpness, *said)
            followed.look_um = travel_um
            followed.looks.append(look)
            self.counts.looks += 1
            self._sink.put(look)
            looks.append(look)
        self.standing.hear(self.sight.look(looks), now_ns)
        if self.aside:
            made = [(followed.track_id, detection) for followed, detection in chosen]
            self.aside.looked(made if self._budget.is_ample else self.inspection.shown(made))

    def _due(self, followed: Followed, travel_um: int) -> bool:
        """Looks are spread over the view: a fruit that rolls shows another side after some travel."""
        if followed.look_um is None:
            return True
        if travel_um - followed.look_um < self._look_spacing_um:
            return False
        grade = self._profile.grade
        if len(followed.looks) >= grade.most_looks:
            return False
        return not (grade.stop_when_certain and settled(followed.looks, self.gradings.of(followed).policy))

    def _decide_leaving(self, now_ns: int) -> None:
        for followed in self._tracker.leaving(self.belt.um_at(now_ns)):
            self._decide(followed, now_ns)
            self._check_belt(followed, now_ns)
            self.gradings.retire(self._tracker.all())
        for told in (self._budget.news(now_ns), self._confirmation.news(now_ns, self.belt)):
            if told:
                self.standing.hear(told, now_ns)

    def _decide(self, followed: Followed, now_ns: int) -> None:
        track = followed.record()
        verdict = decide(track, followed.crowded, self.gradings.of(followed).policy, now_ns)
        if self._budget.sheds(followed, now_ns):
            verdict = replace(verdict, outlet=BELT_END, reason="shed")
        if followed.astray_mm and verdict.reason == "graded":
            verdict = replace(verdict, outlet=BELT_END, reason="lost")
        was = verdict.reason
        verdict, pulse = self._inspect(track, *self._plan(track, verdict))
        if verdict.reason == "shed" != was:
            self._budget.count(now_ns)
        followed.verdict = verdict
        self.counts.verdicts += 1
        self.counts.shed = self._budget.shed
        self._confirmation.sent(track, pulse.gate if pulse else None)
        if pulse:
            self._gates.submit(pulse)
        self._sink.put(track)
        self._sink.put(verdict)
        if pulse:
            self._sink.put(pulse)

    def _check_belt(self, followed: Followed, now_ns: int) -> None:
        """Hold the belt's travel to what the fruit have done; what they correct holds for all that still waits."""
        told = self._course.drift.left(followed.track_id, not followed.merged)
        if told is None:
            return
        self._gates.scale(self._course.drift.scale_ppm)
        self.standing.hear(told, now_ns)

    def _inspect(self, track: Track, verdict: Verdict, pulse: GatePulse | None) -> tuple[Verdict, GatePulse | None]:
        """Where the audit has drawn a fruit, it goes to inspection, if a pulse can be had for that."""
        if (drawn := self.inspection.of(verdict)) is None:
            return verdict, pulse
        to_inspection = self._plan(track, drawn)
        return to_inspection if to_inspection[0].reason == "audited" else (verdict, pulse)

    def _plan(self, track: Track, verdict: Verdict) -> tuple[Verdict, GatePulse | None]:
        """The pulse that the verdict asks for; a fruit too close to another for any goes to the belt's end, and so does
        one whose gate it is too late to reach with a step as long as the last."""
        if verdict.outlet == BELT_END:
            return verdict, None
        pulse = plan(
            track,
            verdict.outlet,
            neighbours(track, self._tracker, self._reaches[track.lane], self.gradings.judge_of),
            self._profile,
            verdict.scores,
        )
        if pulse is None:
            return replace(verdict, outlet=BELT_END, reason="crowded"), None
        if self._confirmation.out(pulse.gate, verdict.decided_at_ns):
            return replace(verdict, outlet=BELT_END, reason="gateless"), None
        opens_ns, step_ns = self.belt.at_ns(pulse.open_um), self._budget.step_ns
        if step_ns and opens_ns is not None and opens_ns - pulse.open_lead_ns < verdict.decided_at_ns + step_ns:
            return replace(verdict, outlet=BELT_END, reason="shed"), None
        return verdict, pulse

    def _next_wake(self, now_ns: int) -> int:
        latest = min(now_ns + _IDLE_NS, self.sight.wake_ns(now_ns))
        next_um = self._tracker.next_um()
        due_ns = None if next_um is None else self.belt.at_ns(next_um)
        return latest if due_ns is None else max(now_ns + 1, min(latest, due_ns))
