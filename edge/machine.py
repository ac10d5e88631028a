"""What one machine is made of: the ports of a run, and the composition root of a real one.

Which machine it is, is decided here and nowhere below: a simulated one calls `assemble` with its own camera.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from edge import clock
from edge.bundle import Bundle, Thresholds, load_bundle, resolve
from edge.capture import opening
from edge.capture.mailbox import FrameSource
from edge.capture.reopening import PATIENCE_S
from edge.config import Profile
from edge.derating import Measured
from edge.entry import Told
from edge.handover import Handover
from edge.lastrun import LastRun, last_run
from edge.limits import Limits, figures
from edge.log import StatsLine
from edge.ports import Detector, Grader, RecordSink, Throttle
from edge.shell import BlackBox, Gates, History, Scraped, Telemetry
from edge.sort.link import GateProcess, gate_settings
from edge.systemd import runtime_folder
from edge.watch.audit import Audit
from edge.watch.vcgencmd import find as find_throttle
from edge.watching import Watching, audit_of, news, watches_of
from edge.wishes import Wishes

if TYPE_CHECKING:
    from edge.trace.pictures import Pictures


@dataclass(frozen=True, slots=True)
class Machine:
    """The ports of one run, each answered by something. `run` owns them all and closes them."""

    profile: Profile
    run_id: str
    source: FrameSource
    detector: Detector
    grader: Grader
    thresholds: Thresholds
    gates: Gates
    telemetry: Telemetry | None
    listeners: tuple[RecordSink, ...] = ()
    watches: tuple[Watching, ...] = ()
    recorder: BlackBox | None = None
    limits: Limits | None = None
    throttle: Throttle | None = None
    wishes: Wishes = field(default_factory=Wishes)
    scraped: Scraped | None = None
    handover: Handover | None = None
    audit: Audit | None = None
    pictures: Pictures | None = None
    ledger: History | None = None
    last: LastRun | None = None
    patience_s: float = 2.0

    def recording(self) -> bool | None:
        """Whether black box and ledger can write; None where there is neither."""
        keepers = [keeper for keeper in (self.recorder, self.ledger) if keeper]
        return all(keeper.well() for keeper in keepers) if keepers else None

    def unpictured(self) -> int:
        """How many drawn fruit of the run have no pictures, where any are kept."""
        return self.pictures.unpictured() if self.pictures else 0

    def spare(self) -> tuple[RecordSink, ...]:
        """Those who listen that the line can do without."""
        return (*self.watches, *(one for one in (self.pictures, self.ledger) if one))

    def news(self) -> tuple[Told, ...]:
        """What the watches have to tell. The line's thread."""
        return tuple(news(self.watches))


def build(profile: Profile, beside: Path | None = None) -> Machine:
    """The machine that a profile describes. `beside`: the folder from which relative paths in it count.

    Raises UsageFault or BundleFault for the bundle, CameraFault or GateFault where the hardware is not there,
    MachineFault where this computer cannot hold the profile.
    """
    own = resolve(profile.grade.bundle, beside)
    return assemble(profile, own, lambda: open_camera(profile, beside), (StatsLine(),), find_throttle(), PATIENCE_S)


def assemble(
    profile: Profile,
    own: Path,
    camera: Callable[[], FrameSource],
    listeners: Iterable[RecordSink] = (),
    throttle: Throttle | None = None,
    patience_s: float = 2.0,
) -> Machine:
    """Put a machine together around a camera. `own`: the folder of its bundle, unless the update process has chosen
    another; `patience_s`: how long its camera may be silent before it counts as gone for good. The gate process starts,
    and tests itself, while this process loads its model and tries it."""
    run_id, wishes = new_run_id(), Wishes()
    handover = None if profile.update.source is None else Handover(profile, own, _grader)
    bundle = handover.bundle if handover else load_bundle(own)
    audit = audit_of(profile, run_id, bundle)
    last = last_run(os.environ)
    with ThreadPoolExecutor(1) as beside:
        perception = beside.submit(_perception, profile, bundle)
        gates = GateProcess(gate_settings(profile))
        try:
            detector, grader, times_ns = perception.result()
            limits = Limits(profile, Measured(gates.ready.wake_p50_ns, gates.ready.wake_p99_ns, *times_ns))
            pictures = _pictures(profile)
            ledger = _ledger(profile, run_id, bundle, last, pictures)
            telemetry = _telemetry(profile, run_id, bundle, limits, wishes, pictures, audit, ledger)
            recorder = _recorder(profile, run_id, bundle)
            source = camera()
        except BaseException:
            gates.close()
            last.give_up()
            raise
    if handover:
        handover.begin(run_id)
    return Machine(
        profile=profile,
        run_id=run_id,
        source=source,
        patience_s=patience_s,
        detector=detector,
        grader=grader,
        thresholds=bundle.manifest.thresholds,
        gates=gates,
        telemetry=telemetry,
        listeners=(*listeners, *((handover,) if handover else ())),
        watches=watches_of(profile, bundle, audit),
        recorder=recorder,
        limits=limits,
        throttle=throttle,
        wishes=wishes,
        scraped=_scraped(profile, bundle),
        handover=handover,
        audit=audit,
        pictures=pictures,
        ledger=ledger,
        last=last,
    )


def new_run_id() -> str:
    """A name that no other run of any machine has: 12 hexadecimal digits."""
    return uuid.uuid4().hex[:12]


def _perception(profile: Profile, bundle: Bundle) -> tuple[Detector, Grader, tuple[int, int]]:
    # Imported here: these are what starting takes time for.
    import cv2

    from edge.detect.segment import Segmenter
    from edge.grade.litert import LiteRTGrader
    from edge.warmup import warm_up

    cv2.setNumThreads(1)
    camera = profile.camera
    detector = Segmenter(camera.mm_per_px, profile.belt.speed_mm_s * camera.readout_us / 1e6)
    grader = LiteRTGrader(bundle)
    return detector, grader, warm_up(Segmenter(camera.mm_per_px), grader, profile)


def _grader(bundle: Bundle) -> Grader:
    from edge.grade.litert import LiteRTGrader

    return LiteRTGrader(bundle)


def open_camera(profile: Profile, beside: Path | None = None) -> FrameSource:
    """The camera of a profile: see `edge.capture.opening`."""
    return opening.open_camera(profile.camera, beside)


def _telemetry(
    profile: Profile,
    run_id: str,
    bundle: Bundle,
    limits: Limits,
    wishes: Wishes,
    pictures: Pictures | None,
    audit: Audit | None,
    ledger: History | None,
) -> Telemetry | None:
    if profile.telemetry.broker is None:
        return None
    from edge.telemetry.telemetry import MqttTelemetry

    tested, runtime = figures(limits.measured, limits.allowed), runtime_folder(os.environ)
    latest = audit.latest if audit else None
    return MqttTelemetry(profile, run_id, bundle.identity, tested, wishes, runtime, pictures, latest, ledger)


def _pictures(profile: Profile) -> Pictures | None:
    if profile.history.folder is None or not profile.history.picture_bytes_a_day:
        return None
    from edge.trace.pictures import Pictures

    return Pictures(profile)


def _ledger(profile: Profile, run_id: str, bundle: Bundle, last: LastRun, pictures: Pictures | None) -> History | None:
    if profile.history.folder is None:
        return None
    from edge.trace.ledger import Begun, Ledger

    begun = Begun(profile, run_id, bundle.identity, bundle.folder, last.ended)
    return Ledger(begun, clock.both, pictures.kept if pictures else lambda track_id: 0)


def _scraped(profile: Profile, bundle: Bundle) -> Scraped | None:
    if profile.telemetry.openmetrics_port is None:
        return None
    from edge.telemetry.openmetrics import Endpoint

    return Endpoint(profile, bundle.identity, profile.telemetry.openmetrics_port)


def _recorder(profile: Profile, run_id: str, bundle: Bundle) -> BlackBox | None:
    if profile.recorder.folder is None:
        return None
    from edge.line import Line
    from edge.trace.recorder import open_recorder

    return open_recorder(profile.recorder.folder, profile, run_id, bundle, Line.REMEMBERED)
