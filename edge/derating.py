"""What this computer can hold of what its profile asks, by its own measurements. Pure arithmetic.

Three things bound the belt's speed, one the feed:

* a gate commanded late moves its window by speed x lateness, of which `late_mm` is permitted;
* a fruit must get its pulse `latency_budget_ms` after its last picture; a computer that needs longer needs the gates
  further away, or the belt slower by as much;
* each fruit needs `fewest_looks` pictures on its way through the view;
* what detection leaves of the main thread's time is shared by the looks of all fruit.
"""

from dataclasses import dataclass

from edge.config import Profile

BUSY = 0.8
"""The share of its time that the main thread may spend on perception: the rest is for bursts."""

THROTTLED = 2.0
"""A throttled computer's service times, as a multiple: its clock is taken to run at half its rate."""

LEAST = 0.25
"""The least share of the profile's speed with which the machine is still the one that the profile describes."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the self-test found: how late the gate process wakes, median and 99th percentile; how long a frame's
    detection and one crop's grading take, medians. 0 where a thing was not measured."""

    wake_p50_ns: int
    wake_p99_ns: int
    detect_ns: int
    inference_ns: int

    def throttled(self) -> "Measured":
        """The same computer, throttled."""
        return Measured(
            self.wake_p50_ns, self.wake_p99_ns, round(self.detect_ns * THROTTLED), round(self.inference_ns * THROTTLED)
        )


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most that the machine may be given: belt speed, at most the profile's, and fruit in all lanes together (None
    where nothing bounds it). `why` names what bounds the speed, and is empty where nothing does. Where `holds` is False
    the profile asks for more than can be made good by slowing down."""

    speed_mm_s: float
    fruit_per_s: float | None
    why: str
    holds: bool


def allowance(profile: Profile, measured: Measured) -> Allowance:
    """What may be asked of this machine."""
    asked = profile.belt.speed_mm_s
    perception = [_latency(profile, measured), _looks(profile, measured)]
    speed, why = min([(asked, ""), *perception, _punctuality(profile, measured.wake_p99_ns)])
    # One bad moment in a hundred slows the belt; only what every other wake-up shows is the computer itself.
    typical, _ = min([*perception, _punctuality(profile, measured.wake_p50_ns)])
    return Allowance(speed, _feed(profile, measured, speed), why, holds=typical >= LEAST * asked)


def _punctuality(profile: Profile, wake_ns: int) -> tuple[float, str]:
    if not wake_ns:
        return profile.belt.speed_mm_s, ""
    late_mm = profile.sort.late_mm
    return late_mm / (wake_ns / 1e9), f"the gate process wakes {_ms(wake_ns)} ms late and [sort] late_mm = {late_mm:g}"


def _latency(profile: Profile, measured: Measured) -> tuple[float, str]:
    """A picture may come just after the step of another began: it waits for that step and takes its own."""
    latency_ms = 2 * _step_s(profile, measured) * 1e3
    if latency_ms <= profile.sort.latency_budget_ms:
        return profile.belt.speed_mm_s, ""
    left_mm = profile.camera.view_mm + profile.sort.window_mm / 2
    speed = min((gate.x_mm - left_mm) / (latency_ms + gate.open_delay_ms) * 1e3 for gate in profile.gates.values())
    return speed, (
        f"a picture's fruit are decided {latency_ms:.0f} ms later and [sort] latency_budget_ms = "
        f"{profile.sort.latency_budget_ms:g}"
    )


def _looks(profile: Profile, measured: Measured) -> tuple[float, str]:
    step_s = _step_s(profile, measured)
    if not step_s:
        return profile.belt.speed_mm_s, ""
    return BUSY * profile.camera.view_mm / (profile.grade.fewest_looks * step_s), (
        f"a frame takes {step_s * 1e3:.0f} ms and [grade] fewest_looks = {profile.grade.fewest_looks}"
    )


def _feed(profile: Profile, measured: Measured, speed_mm_s: float) -> float | None:
    """Fruit a second, in all lanes, that get their fewest looks: looks are given up before fruit are."""
    if not measured.inference_ns:
        return None
    frames_hz = profile.grade.fewest_looks * speed_mm_s / profile.camera.view_mm
    left = BUSY - frames_hz * measured.detect_ns / 1e9
    return max(0.0, left) / (profile.grade.fewest_looks * measured.inference_ns / 1e9)


def _step_s(profile: Profile, measured: Measured) -> float:
    """A frame with a look in every lane."""
    return (measured.detect_ns + len(profile.lanes) * measured.inference_ns) / 1e9


def _ms(time_ns: int) -> str:
    return f"{time_ns / 1e6:.3g}"
