"""What can go wrong on purpose: the catalogue of the simulator's faults, and when each of a run holds.

A fault holds from one instant of the run to another, in seconds since the belt started. Whatever part of the simulated
machine it befalls asks `Faults.holds` at the instant that it acts; nothing else of that part knows of it. The device is
never told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from edge.config import Profile
from edge.errors import UsageFault


@dataclass(frozen=True, slots=True)
class Kind:
    """One fault of the catalogue: what befalls the machine, and from when to when where the command does not say.
    `live`: it can befall a live run too; the others are for `--fast`. `needs`: the section, or section and key,
    that the machine's profile must have for it."""

    name: str
    about: str
    from_s: float = 10.0
    to_s: float = 15.0
    live: bool = False
    needs: str = ""


CATALOGUE: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        # camera and light
        Kind("camera-stall", "the camera delivers no frames", 10, 11.5, live=True),
        Kind("stale-frame", "every second frame is the one before it again", 10, 15, live=True),
        Kind(
            "silent-drop",
            "every third frame is dropped, and the next one numbered as if nothing were missing",
            10,
            16,
            True,
        ),
        Kind("light-drift", "the lamp fades to half of its light, then is replaced", 10, 30, live=True),
        Kind("flicker", "the lamp flickers with the mains, a fifth up and down", 10, 16, live=True),
        Kind("lamp-off", "the lamp goes out", 10, 13, live=True),
        Kind("dirty-lens", "drops and a film of dust on the lens, until it is wiped", 10, 30, live=True),
        Kind(
            "lamp-ageing", "the lamp comes to the end of its life, dimmer and warmer, then is replaced", 90, 210, True
        ),
        Kind("lens-film", "a film grows on the lens until it is wiped", 90, 210, live=True),
        # the bundle
        Kind("bad-bundle", "a bundle takes over whose weights were rounded far too coarsely", 90, 210),
        # the encoder
        Kind("encoder-slip", "the encoder's wheel slips by 5 %", 10, 30, live=True, needs="encoder"),
        Kind("encoder-loss", "the encoder shows no edges", 10, 12, live=True, needs="encoder"),
        Kind("encoder-bounce", "every edge of the encoder bounces", 10, 20, live=True, needs="encoder"),
        # processes, and the computer that they run on
        Kind("gil-hog", "two threads of the main process compute without end", 10, 15, live=True),
        Kind("cpu-hog", "a busy process on every core", 10, 15, live=True),
        Kind("throttling", "the computer throttles: its steps take twice as long, and it says so", 10, 20),
        Kind("main-killed", "the main process is killed", 10, 11, live=True),
        Kind("main-hung", "the main process stops in its tracks", 10, 15, live=True),
        Kind("gates-killed", "the gate process is killed", 10, 11, live=True),
        Kind("gates-hung", "the gate process stops in its tracks", 10, 15, live=True),
        Kind("power-cut", "the computer loses its power, and starts again when it is back", 10, 12),
        Kind("clock-step", "the wall clock is set an hour forward, then back", 10, 15),
        Kind("broker-down", "the broker is away", 10, 25),
        Kind("disk-full", "the disk is full: nothing can be saved or recorded", 6, 12),
        # fruit
        Kind("fruit-touching", "every second fruit touches the one before", 10, 20, live=True),
        Kind("fruit-double", "every fourth fruit lies half over the one before", 10, 20, live=True),
        Kind("fruit-rolling", "every third fruit rolls against the belt, by 8 % of its travel", 10, 20, live=True),
        Kind("fruit-stuck", "a fruit of the first lane stands still in the picture", 10, 15, live=True),
        Kind("lane-jam", "the first lane's fruit pile up before their first gate", 10, 18, live=True),
        # people
        Kind("e-stop", "the emergency stop is pressed", 10, 13, live=True, needs="safety.e_stop_pin"),
        # gates, all of the profile's first
        Kind("gate-stuck-open", "the profile's first gate does not shut any more", 20, 40, live=True),
        Kind("gate-stuck-closed", "the profile's first gate does not open", 20, 50, live=True),
        Kind("gate-slow", "the profile's first gate moves 45 ms late", 20, 50, live=True),
        Kind("gate-bouncing", "the profile's first gate opens once more behind each pulse", 20, 50, live=True),
    )
}

PICTURED = frozenset({"light-drift", "flicker", "lamp-off", "dirty-lens", "lamp-ageing", "lens-film", "bad-bundle"})
"""They befall pictures and what is made of them, and nothing where none are rendered."""


class FaultSpan(BaseModel):
    """One fault from one instant to another, in seconds since the belt started."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str
    from_s: Annotated[float, Field(ge=0)]
    to_s: Annotated[float, Field(gt=0)]


def span_faults(spans: Iterable[FaultSpan]) -> Iterator[str]:
    """What no single key of a scenario's `[[fault]]` shows, a line each."""
    for span in spans:
        if span.name not in CATALOGUE:
            yield f"[[fault]] name = {span.name}: no such fault; there are {', '.join(CATALOGUE)}"
        if span.to_s <= span.from_s:
            yield f"[[fault]] {span.name}: to_s = {span.to_s:g}: must be above from_s = {span.from_s:g}"


class Faults:
    """The faults of one run. Immutable; any thread may ask."""

    def __init__(self, spans: Iterable[FaultSpan] = (), start_ns: int = 0) -> None:
        """`start_ns`: when the belt starts."""
        self._spans: dict[str, tuple[tuple[int, int], ...]] = {}
        for span in spans:
            from_ns, to_ns = (start_ns + round(at_s * 1e9) for at_s in (span.from_s, span.to_s))
            self._spans[span.name] = (*self._spans.get(span.name, ()), (from_ns, to_ns))

    def holds(self, name: str, at_ns: int) -> bool:
        """Whether a fault of that name befalls the machine at an instant."""
        spans = self._spans.get(name)
        return spans is not None and any(from_ns <= at_ns < to_ns for from_ns, to_ns in spans)

    def spans(self, name: str) -> tuple[tuple[int, int], ...]:
        """From when to when, in ns, as often as it was asked for."""
        return self._spans.get(name, ())

    def all(self) -> list[tuple[str, int, int]]:
        """Each with when it begins and ends, in that order."""
        found = [(name, *span) for name, spans in self._spans.items() for span in spans]
        return sorted(found, key=lambda one: one[1:])

    def __bool__(self) -> bool:
        return bool(self._spans)


def refuse_virtual(spans: Iterable[FaultSpan]) -> None:
    """Raises UsageFault where one of them cannot befall a live run."""
    for span in spans:
        if not CATALOGUE[span.name].live:
            raise UsageFault(f"fault {span.name}: befalls a run in virtual time only; add --fast")


def refuse_unseen(spans: Iterable[FaultSpan], perception: str) -> None:
    """Raises UsageFault for a fault of pictures on a level that has none."""
    for span in spans:
        if perception != "pixels" and span.name in PICTURED:
            raise UsageFault(f"--perception {perception}: has no pictures for {span.name} to befall; use pixels")


def refuse_unfit(spans: Iterable[FaultSpan], profile: Profile) -> None:
    """Raises UsageFault where one of them befalls a part that the machine does not have."""
    for span in spans:
        section, _, key = CATALOGUE[span.name].needs.partition(".")
        part = getattr(profile, section) if section else profile
        if part is None or (key and getattr(part, key) is None):
            named = f"[{section}] {key}".strip()
            raise UsageFault(f"fault {span.name}: the machine has no {named}; name a scenario that has")


def parse(text: str) -> FaultSpan:
    """`NAME` or `NAME@START-END`, in seconds. Raises UsageFault."""
    name, at, when = text.partition("@")
    kind = CATALOGUE.get(name)
    if kind is None:
        raise UsageFault(f"--fault {text}: no such fault; there are {', '.join(CATALOGUE)}")
    if not at:
        return FaultSpan(name=name, from_s=kind.from_s, to_s=kind.to_s)
    from_text, dash, to_text = when.partition("-")
    try:
        from_s, to_s = float(from_text), float(to_text)
    except ValueError:
        from_s, to_s = -1.0, -1.0
    if not dash or not 0 <= from_s < to_s < float("inf"):
        raise UsageFault(f"--fault {text}: must be {name}@START-END, two numbers of seconds, START before END")
    return FaultSpan(name=name, from_s=from_s, to_s=to_s)
