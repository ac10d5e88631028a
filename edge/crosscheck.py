"""What no single key of a profile shows: a pin used twice, a gate too near, a route without a gate.

A rule is not asked where a key that it reads is itself at fault, and so absent (`edge.keyfaults.good_part`).
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from edge.auditcheck import AUDIT_RULES
from edge.datapath import BELT_END, LABELS
from edge.moneycheck import MONEY_RULES
from edge.outward import OUTWARD_RULES
from edge.sections import Gate, Settings

MOST_EDGES_HZ = 5_000
"""Each edge of the encoder is a call in the gate process: at 10 us each, a twentieth of a core."""

LINES = (
    ("encoder", "pin_a"),
    ("encoder", "pin_b"),
    ("safety", "e_stop_pin"),
    ("safety", "alive_pin"),
    ("camera", "strobe_pin"),
    ("camera", "trigger_pin"),
    ("feed", "inhibit_pin"),
    ("feed", "slow_pin"),
)


def cross_faults(settings: Settings) -> Iterator[str]:
    """Each line reads `[section] key = found: what is allowed`."""
    lanes, gates, route = (getattr(settings, key, {}) for key in ("lanes", "gates", "route"))
    return chain(
        _asked(_exposure(settings)),
        _asked(_silence(settings)),
        _asked(_lines(settings)),
        _asked(_encoder(settings)),
        *(_asked(_lane(settings, n)) for n in range(len(lanes))),
        *(_asked(rule(settings, name, gate)) for name, gate in gates.items() for rule in GATE_RULES),
        *(_asked(_route(settings, label)) for label in route),
        _asked(_windows(settings)),
        _asked(_looks(settings)),
        *(_asked(rule(settings)) for rule in OUTWARD_RULES),
        *(_asked(rule(settings)) for rule in (*MONEY_RULES, *AUDIT_RULES)),
    )


def _asked(faults: Iterable[str]) -> Iterator[str]:
    try:
        yield from faults
    except AttributeError:
        return


def _exposure(s: Settings) -> Iterator[str]:
    longest_us = 1e6 / s.camera.frames_hz
    if s.camera.exposure_us > longest_us:
        yield f"[camera] exposure_us = {s.camera.exposure_us}: must be at most {longest_us:.0f}, the time of a frame"


def _silence(s: Settings) -> Iterator[str]:
    shortest_ms = 2000 / s.camera.frames_hz
    if s.camera.silent_ms is not None and s.camera.silent_ms < shortest_ms:
        yield f"[camera] silent_ms = {s.camera.silent_ms:g}: must be at least {shortest_ms:.0f}, the time of two frames"


def _lines(s: Settings) -> Iterator[str]:
    """Every line of the GPIO that moves no gate."""
    held = {getattr(gate, "pin", None): f"gates.{name}" for name, gate in s.gates.items()}
    inputs = [(section, key, getattr(s, section, None)) for section, key in LINES]
    inputs += [(f"gates.{name}", "exit_pin", gate) for name, gate in s.gates.items()]
    for section, key, part in inputs:
        pin = getattr(part, key, None)
        if pin is not None and pin in held:
            yield f"[{section}] {key} = {pin}: already used by {held[pin]}; give it its own"
        held.setdefault(pin, f"{section}.{key}")


def _encoder(s: Settings) -> Iterator[str]:
    if s.encoder is None:
        if s.feed.slow_pin is not None:
            yield (
                f"[feed] slow_pin = {s.feed.slow_pin}: needs an [encoder]: without one fruit are taken to travel at "
                f"[belt] speed_mm_s, and a belt that slows carries them past their pulses; add one, or leave it out"
            )
        return
    finest_um = s.belt.speed_mm_s * 1000 / MOST_EDGES_HZ
    if s.encoder.um_per_edge < finest_um:
        yield (
            f"[encoder] um_per_edge = {s.encoder.um_per_edge}: must be at least {finest_um:.0f}: at [belt] speed_mm_s "
            f"that is {MOST_EDGES_HZ} edges/s, the most that are counted; take a coarser wheel"
        )


def _lane(s: Settings, n: int) -> Iterator[str]:
    lane = s.lanes[n]
    if lane.to_mm <= lane.from_mm:
        yield f"[lanes.{n}] to_mm = {lane.to_mm:g}: must be above from_mm = {lane.from_mm:g}"
    if n and lane.from_mm < s.lanes[n - 1].to_mm:
        yield f"[lanes.{n}] from_mm = {lane.from_mm:g}: must be at least {s.lanes[n - 1].to_mm:g}, lane {n - 1}'s end"
    height_mm = s.camera.height_px * s.camera.mm_per_px
    if lane.to_mm > height_mm:
        yield f"[lanes.{n}] to_mm = {lane.to_mm:g}: must be at most {height_mm:g}, the camera's view"


def _pin(s: Settings, name: str, gate: Gate) -> Iterator[str]:
    first = next(other for other, held in s.gates.items() if getattr(held, "pin", None) == gate.pin)
    if first != name:
        yield f"[gates.{name}] pin = {gate.pin}: already used by gates.{first}; give each gate its own"


def _place(s: Settings, name: str, gate: Gate) -> Iterator[str]:
    if gate.outlet == BELT_END:
        yield f'[gates.{name}] outlet = "{BELT_END}": the belt\'s end has no gate; choose another name'
    served = (gate.lane, gate.outlet)
    first = next(
        other
        for other, held in s.gates.items()
        if (getattr(held, "lane", None), getattr(held, "outlet", None)) == served
    )
    if first != name:
        yield f'[gates.{name}] outlet = "{gate.outlet}": already served in lane {gate.lane} by gates.{first}'
    if s.lanes and gate.lane >= len(s.lanes):
        yield f"[gates.{name}] lane = {gate.lane}: must be 0 to {len(s.lanes) - 1}, the number of a lane"


def _distance(s: Settings, name: str, gate: Gate) -> Iterator[str]:
    nearest_mm = nearest_gate_mm(s, gate)
    if gate.x_mm < round(nearest_mm, 3):
        yield (
            f"[gates.{name}] x_mm = {gate.x_mm:g}: must be at least {_exactly(nearest_mm)}, where a fruit that leaves "
            f"the camera's view gets within the latency budget"
        )


def nearest_gate_mm(s: Settings, gate: Gate) -> float:
    """The nearest place of a gate that still opens in time for a fruit that has just left the camera's view."""
    late_ms = s.sort.latency_budget_ms + gate.open_delay_ms
    return s.camera.view_mm + s.sort.window_mm / 2 + s.belt.speed_mm_s * late_ms / 1000


def _shortest_on(s: Settings, name: str, gate: Gate) -> Iterator[str]:
    shortest_ms = _on_ms(s, gate, s.sort.shortest_window_mm - s.sort.late_mm)
    if gate.shortest_on_ms > shortest_ms:
        yield (
            f"[gates.{name}] shortest_on_ms = {gate.shortest_on_ms:g}: must be at most {_exactly(shortest_ms)}, the "
            f"time of the shortest pulse: [sort] shortest_window_mm less late_mm, and the gate's two delays"
        )


def _longest_on(s: Settings, name: str, gate: Gate) -> Iterator[str]:
    whole_ms = _on_ms(s, gate, s.sort.window_mm)
    if gate.longest_on_ms < whole_ms:
        yield (
            f"[gates.{name}] longest_on_ms = {gate.longest_on_ms:g}: must be at least {_exactly(whole_ms)}, the time "
            f"of a whole pulse: [sort] window_mm and the gate's two delays"
        )


def _on_ms(s: Settings, gate: Gate, window_mm: float) -> float:
    """How long a gate's line is on so that the gate stands open over a window: each edge is commanded its delay
    earlier."""
    return round(window_mm / s.belt.speed_mm_s * 1000 + gate.open_delay_ms - gate.close_delay_ms, 3)


def _exactly(limit: float) -> str:
    """A limit that a user can copy: to the thousandth, as it is compared."""
    return f"{round(limit, 3):.12g}"


GATE_RULES = (_pin, _place, _distance, _shortest_on, _longest_on)


def _route(s: Settings, label: str) -> Iterator[str]:
    outlet = s.route[label]
    if label not in LABELS:
        yield f"[route] {label}: must be one of {', '.join(LABELS)}"
        return
    if outlet == BELT_END:
        # Every failure ends there, so it must never be where good fruit are expected.
        if label != "damaged":
            yield f'[route] {label} = "{BELT_END}": only damaged may be sent to the belt\'s end; leave {label} out'
        return
    outlets = sorted({gate.outlet for gate in s.gates.values()} - {BELT_END})
    if outlet not in outlets:
        yield f'[route] {label} = "{outlet}": must be one of {", ".join(outlets)}'
        return
    served = {(gate.lane, gate.outlet) for gate in s.gates.values()}
    for n in range(len(s.lanes)):
        if (n, outlet) not in served:
            yield f'[route] {label} = "{outlet}": lane {n} has no gate with this outlet; add one'


def _windows(s: Settings) -> Iterator[str]:
    shortest_mm = s.sort.shortest_window_mm
    if shortest_mm > s.sort.window_mm:
        yield f"[sort] shortest_window_mm = {shortest_mm:g}: must be at most window_mm = {s.sort.window_mm:g}"
    if s.sort.late_mm > shortest_mm / 2:
        yield (
            f"[sort] late_mm = {s.sort.late_mm:g}: must be at most {shortest_mm / 2:g}, half of shortest_window_mm: "
            f"the fruit's middle would have passed"
        )


def _looks(s: Settings) -> Iterator[str]:
    if s.grade.fewest_looks > s.grade.most_looks:
        yield f"[grade] fewest_looks = {s.grade.fewest_looks}: must be at most most_looks = {s.grade.most_looks}"
    frames = int(s.camera.view_mm / s.belt.speed_mm_s * s.camera.frames_hz)
    if s.grade.fewest_looks > frames:
        yield f"[grade] fewest_looks = {s.grade.fewest_looks}: must be at most {frames}, the frames that see a fruit"
