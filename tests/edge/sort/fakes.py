"""Ports answered in a few lines, and records with what a test does not care about filled in."""

from edge.belt import BeltEstimate
from edge.datapath import BeltSample, GateClosed, GatePulse, Outcome, Track
from edge.sort.scheduler import NEVER_NS, Scheduler
from edge.sort.wire import GateLine, GateSettings

MS = 1_000_000
SPEED_UM_S = 600_000


class Pins:
    """Answers ports.GatePins in virtual time, and keeps every edge as (at_ns, gate, is_open)."""

    def __init__(self):
        self.now_ns = 0
        self.edges: list[tuple[int, str, bool]] = []
        self.is_open: dict[str, bool] = {}
        self.released = 0

    def command(self, gate, is_open):
        self.edges.append((self.now_ns, gate, is_open))
        self.is_open[gate] = is_open
        return self.now_ns

    def release_all(self):
        self.released += 1
        for gate, is_open in self.is_open.items():
            if is_open:
                self.command(gate, False)

    def spans(self, gate):
        """(opened_at_ns, closed_at_ns or None) of a gate, in order."""
        times = [at_ns for at_ns, name, _ in self.edges if name == gate]
        return [(opened, next(iter(times[n * 2 + 1 : n * 2 + 2]), None)) for n, opened in enumerate(times[::2])]


class Said:
    """Takes what a keeper or scheduler says."""

    def __init__(self):
        self.samples: list[BeltSample] = []
        self.outcomes: list[Outcome] = []
        self.closed: list[GateClosed] = []

    def __call__(self, message):
        other = self.closed if isinstance(message, GateClosed) else self.samples
        (self.outcomes if isinstance(message, Outcome) else other).append(message)

    @property
    def results(self):
        return {outcome.pulse.track_id: outcome.result for outcome in self.outcomes}


def settings(**changed):
    gates = (GateLine("red_0", 17, True, 500 * MS), GateLine("green_0", 24, True, 500 * MS))
    return GateSettings(
        **{"gates": gates, "speed_um_s": SPEED_UM_S, "heartbeat_ns": 150 * MS, "late_um": 6_000, **changed}
    )


def pulse(track_id="run.1", gate="red_0", open_mm=600.0, close_mm=650.0, lead_ms=15.0):
    lead_ns = round(lead_ms * MS)
    return GatePulse(track_id, gate, round(open_mm * 1000), round(close_mm * 1000), lead_ns, lead_ns)


def track(track_id="run.1", at_mm=0.0, lane=0, length_mm=58.0):
    return Track(track_id, lane, round(at_mm * 1000), y_mm=108.0, length_mm=length_mm, looks=())


class Rig:
    """A scheduler on a belt that runs at 600 mm/s from travel 0 at instant 0."""

    def __init__(self, **changed):
        self.pins, self.said, self.belt = Pins(), Said(), BeltEstimate()
        self.settings = settings(**changed)
        self.belt.observe(BeltSample(0, 0, SPEED_UM_S))
        self.scheduler = Scheduler(self.settings, self.pins, self.belt, self.said)

    def submit(self, *pulses, at_ns=0):
        for one in pulses:
            self.scheduler.submit(one, at_ns)

    def step(self, at_ns):
        self.pins.now_ns = at_ns
        return self.scheduler.step(at_ns)

    def run(self, until_ns=NEVER_NS - 1):
        """Step at every wake that the scheduler asks for."""
        wake_ns = self.step(0)
        while wake_ns <= until_ns:
            wake_ns = self.step(wake_ns)
