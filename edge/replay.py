"""A recorded run again: the line, built anew, is given what the recorded one was given and held to what that one made.

`edge.stage` stands in for the world. The grader is the bundle's own, so every look is graded again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.bundle import Bundle
from edge.config import Profile, profile_of
from edge.datapath import (
    Adopted,
    GatePulse,
    StepInputs,
)
from edge.errors import RunFault, UsageFault
from edge.gradings import Grading
from edge.line import Line
from edge.ports import Grader
from edge.stage import Stage
from edge.trace.header import Header
from edge.trace.memory import ForeignMemory, thaw
from edge.trace.packing import pack_made, unpack_inputs
from edge.trace.segments import Segment, read_segment
from edge.trace.store import RUN, segments

DECISIONS = ("label", "outlet", "reason")
"""What is compared of a verdict under another bundle: its numbers are bound to differ."""


Find = Callable[[Adopted], tuple[Grader, Bundle]]
"""Brings a bundle that a run took over. Raises UsageFault where it is nowhere."""


@dataclass(slots=True)
class Difference:
    """The first thing that came out otherwise. None where one side has nothing."""

    at_ns: int
    step: int
    frame: int | None
    recorded: dict[str, Any] | None
    replayed: dict[str, Any] | None


@dataclass(slots=True)
class Found:
    """What a replay has found. `notes` name gaps and damage; `compared` counts records by kind."""

    run: str
    steps: int = 0
    frames: int = 0
    differences: int = 0
    first: Difference | None = None
    compared: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("look", "track", "verdict", "gatepulse", "incident"), 0)
    )
    notes: list[str] = field(default_factory=list)


class Replay:
    """One run, ready to go. `grader` is the one that graded it, or another that is to be compared with it."""

    def __init__(self, run: Path, header: Header, grader: Grader, bundle: Bundle, find: Find | None = None) -> None:
        """`find` brings each further bundle that the run took over. Raises ProfileFault where this version does not
        know the recorded profile."""
        self._profile: Profile = profile_of(header.profile, f"{run / RUN}: profile")
        self._header = header
        self._grader = grader
        self._bundle = bundle
        self._same_bundle = grader.bundle == header.bundle
        self._find = find
        self._run = run
        self._stage = Stage()
        self._line: Line | None = None
        self._found = Found(str(run))

    def run(self) -> Found:
        """Replay all segments that are there. Raises RunFault where there is nothing to replay."""
        held = segments(self._run)
        if not held:
            raise RunFault(
                f"{self._run}: the run has no segments: nothing was recorded, or all of it was deleted since"
            )
        awaited = 0
        for each in held:
            if each.number != awaited:
                which = (
                    f"segment {awaited}" if each.number == awaited + 1 else f"segments {awaited} to {each.number - 1}"
                )
                self._break(f"without {which}: from {each.path.name} on, with what the line remembered there")
            awaited = each.number + 1
            segment = read_segment(each.path)
            self._segment(segment, begins_run=each.number == 0, ends_run=each is held[-1])
            if segment.fault is not None:
                self._break(f"{each.path.name} {segment.fault}: what follows in it is lost")
        return self._found

    def _segment(self, segment: Segment, begins_run: bool, ends_run: bool) -> None:
        cut = ends_run or segment.fault is not None
        steps = list(_steps(segment))
        for begin, inputs, made in steps:
            if begin is not None:
                self._begin(begin, begins_run)
            if inputs is not None and self._line is not None:
                self._step(self._line, inputs, made, cut and made is steps[-1][2])

    def _begin(self, begin: dict[str, Any], begins_run: bool) -> None:
        if begin["lost"] and not begins_run:
            self._break(f"{begin['lost']} steps before {begin['at_ns'] / 1e9:.3f} s were not recorded: it fell behind")
        if self._line is not None:
            return
        line = self._line = self._line_anew()
        if not begins_run:
            try:
                thaw(line.memory(), begin["memory"], Line.REMEMBERED)
            except ForeignMemory as error:
                raise RunFault(
                    f"{self._run}: the line's memory in mid-run is another version's ({error}); replay it with that one"
                ) from None
            for name, folder in line.gradings.named.folders.items():
                line.gradings.hold(name, self._grading(Adopted(name, folder)))

    def _line_anew(self) -> Line:
        stage = self._stage
        return Line(
            self._profile,
            self._header.run_id,
            stage,
            stage,
            self._grader,
            stage,
            stage,
            self._bundle.manifest.thresholds,
        )

    def _grading(self, adopted: Adopted) -> Grading:
        """Whoever stands for a bundle of the run. Another one that is compared with it stands for all."""
        grader, bundle = self._grader, self._bundle
        if self._same_bundle and adopted.bundle != grader.bundle:
            if self._find is None:
                raise UsageFault(f"{self._run}: {adopted.bundle} took over in it: give its folder with --bundle")
            grader, bundle = self._find(adopted)
        return Grading.of(self._profile, grader, bundle.manifest.thresholds, adopted.folder)

    def _break(self, note: str) -> None:
        self._found.notes.append(note)
        self._line = None

    def _step(self, line: Line, inputs: StepInputs, recorded: list[dict[str, Any]], cut: bool) -> None:
        found, stage = self._found, self._stage
        stage.give(inputs)
        if inputs.adopted is not None and self._same_bundle:
            line.gradings.offer(self._grading(inputs.adopted))
        if inputs.sampling is not None:
            line.inspection.offer(inputs.sampling)
        line.step(inputs.now_ns)
        found.steps += 1
        found.frames += inputs.frame is not None
        replayed = [pack_made(record) for record in stage.made]
        if stage.submitted != [record for record in stage.made if isinstance(record, GatePulse)]:
            raise AssertionError("the line told of other pulses than it submitted")
        if cut:  # the record ends in the midst of a step
            replayed = replayed[: len(recorded)]
        for each in recorded:
            found.compared[each["kind"]] += 1
        pairs = zip(*_even(self._judged(recorded), self._judged(replayed)), strict=True)
        for before, after in pairs:
            if _text(before) != _text(after):
                found.differences += 1
                number = inputs.frame.number if inputs.frame else None
                found.first = found.first or Difference(inputs.now_ns, found.steps, number, before, after)

    def _judged(self, made: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """What is compared: everything, or under another bundle what was decided."""
        if self._same_bundle:
            return list(made)
        kept = (each for each in made if each["kind"] in ("verdict", "gatepulse"))
        names = ("kind", "track_id", *DECISIONS)
        return [{n: each[n] for n in names} if each["kind"] == "verdict" else each for each in kept]


_Step = tuple[dict[str, Any] | None, StepInputs | None, list[dict[str, Any]]]


def _steps(segment: Segment) -> Iterator[_Step]:
    """Its beginning, then each step's inputs with what was made of them."""
    inputs: StepInputs | None = None
    made: list[dict[str, Any]] = []
    for fields, pictures in segment.entries:
        if fields["kind"] == "begin":
            yield fields, None, []
        elif fields["kind"] == "step":
            if inputs is not None:
                yield None, inputs, made
            inputs, made = unpack_inputs(fields, pictures), []
        else:
            made.append(fields)
    if inputs is not None:
        yield None, inputs, made


def _even(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    length = max(len(a), len(b))
    return a + [None] * (length - len(a)), b + [None] * (length - len(b))


def _text(fields: dict[str, Any] | None) -> str:
    return json.dumps(fields, sort_keys=True)
