"""What no single key of a profile shows: a pin used twice, a gate too near, a route without a gate.

A rule is not asked where a key that it reads is itself at fault, and so absent (`edge.keyfaults.good_part`).
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from edge.datapath import BELT_END, LABELS, UNKNOWN
from edge.sections import Gate, Settings


def cross_faults(settings: Settings) -> Iterator[str]:
    """Each line reads `[section] key = found: what is allowed`."""
    lanes, gates, route = (getattr(settings, key, {}) for key in ("lanes", "gates", "route"))
    return chain(
        _asked(_exposure(settings)),
        *(_asked(_lane(settings, n)) for n in range(len(lanes))),
        *(_asked(rule(settings, name, gate)) for name, gate in gates.items() for rule in GATE_RULES),
        *(_asked(_route(settings, label)) for label in route),
        _asked(_windows(settings)),
        _asked(_looks(settings)),
        _asked(_money(settings)),
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
    if gate.lane >= len(s.lanes):
        yield f"[gates.{name}] lane = {gate.lane}: must be 0 to {len(s.lanes) - 1}, the number of a lane"


def _distance(s: Settings, name: str, gate: Gate) -> Iterator[str]:
    nearest_mm = s.camera.view_mm + s.sort.window_mm / 2
    nearest_mm += s.belt.speed_mm_s * (s.sort.latency_budget_ms + gate.open_delay_ms) / 1000
    if gate.x_mm < nearest_mm:
        yield (
            f"[gates.{name}] x_mm = {gate.x_mm:g}: must be at least {nearest_mm:.0f}, where a fruit that leaves the "
            f"camera's view gets within the latency budget"
        )


def _shortest_on(s: Settings, name: str, gate: Gate) -> Iterator[str]:
    shortest_ms = s.sort.shortest_window_mm / s.belt.speed_mm_s * 1000
    if gate.shortest_on_ms > shortest_ms:
        yield (
            f"[gates.{name}] shortest_on_ms = {gate.shortest_on_ms:g}: must be at most {shortest_ms:.0f}, "
            f"in which [sort] shortest_window_mm passes"
        )


def _longest_on(s: Settings, name: str, gate: Gate) -> Iterator[str]:
    whole_ms = s.sort.window_mm / s.belt.speed_mm_s * 1000
    if gate.longest_on_ms < whole_ms:
        yield (
            f"[gates.{name}] longest_on_ms = {gate.longest_on_ms:g}: must be at least {whole_ms:.0f}, "
            f"in which [sort] window_mm passes"
        )


GATE_RULES = (_pin, _place, _distance, _shortest_on, _longest_on)


def _route(s: Settings, label: str) -> Iterator[str]:
    outlet = s.route[label]
    if label not in LABELS:
        yield f"[route] {label}: must be one of {', '.join(LABELS)}"
        return
    if outlet == BELT_END:
        return
    outlets = sorted({gate.outlet for gate in s.gates.values()} - {BELT_END})
    if outlet not in outlets:
        yield f'[route] {label} = "{outlet}": must be one of {", ".join(outlets)}, {BELT_END}'
        return
    served = {(gate.lane, gate.outlet) for gate in s.gates.values()}
    for n in range(len(s.lanes)):
        if (n, outlet) not in served:
            yield f'[route] {label} = "{outlet}": lane {n} has no gate with this outlet; add one'


def _windows(s: Settings) -> Iterator[str]:
    if s.sort.shortest_window_mm > s.sort.window_mm:
        yield (
            f"[sort] shortest_window_mm = {s.sort.shortest_window_mm:g}: "
            f"must be at most window_mm = {s.sort.window_mm:g}"
        )


def _looks(s: Settings) -> Iterator[str]:
    if s.grade.fewest_looks > s.grade.most_looks:
        yield f"[grade] fewest_looks = {s.grade.fewest_looks}: must be at most most_looks = {s.grade.most_looks}"
    frames = int(s.camera.view_mm / s.belt.speed_mm_s * s.camera.frames_hz)
    if s.grade.fewest_looks > frames:
        yield f"[grade] fewest_looks = {s.grade.fewest_looks}: must be at most {frames}, the frames that see a fruit"


def _money(s: Settings) -> Iterator[str]:
    outlets = [*sorted({gate.outlet for gate in s.gates.values()} - {BELT_END}), BELT_END]
    for grade, worth in s.money.worth.items():
        if grade not in (*LABELS, UNKNOWN):
            yield f"[money.worth] {grade}: must be one of {', '.join((*LABELS, UNKNOWN))}"
        for outlet in worth:
            if outlet not in outlets:
                yield f"[money.worth.{grade}] {outlet}: must be one of {', '.join(outlets)}"
