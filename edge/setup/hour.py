"""The first hour, step by step: what is behind is not asked again, and whoever leaves goes on where he was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from edge.config import Profile, load_profile
from edge.doctor.finding import Finding
from edge.errors import ProfileFault, SorterError
from edge.person import Gone, Person
from edge.setup import template, wiretable
from edge.setup.progress import Progress, beside, read_progress, write_progress
from edge.setup.sorting import Sorted

FRUIT = 10
BOARDS = ("Raspberry Pi 5", "Raspberry Pi 4", "another")

_GO_ON = ("again", "go on", "stop")


class Tools(Protocol):
    """What the steps do to the machine. Consumer: the first hour."""

    def examine(self, path: Path, names: Sequence[str]) -> Iterator[Finding]:
        """See edge.doctor.examination."""

    def walk(self, profile: Profile, person: Person, gates: Sequence[str]) -> Iterator[Finding]:
        """See edge.doctor.walk."""

    def calibrate(self, path: Path) -> bool:
        """Measure the machine and write its profile anew. False where that was broken off, or failed."""

    def sort(self, path: Path, fruit: int, tell: Callable[[str], None]) -> Sorted:
        """See edge.setup.sorting."""

    def board(self) -> str | None:
        """The board's own name, where it has one."""


@dataclass(frozen=True, slots=True)
class Step:
    """`do` returns whether it is done, and may be done again from its beginning."""

    name: str
    title: str
    do: Callable[[FirstHour], bool]


class FirstHour:
    """One machine's. `path`: where its profile is to be."""

    def __init__(self, path: Path, person: Person, tools: Tools) -> None:
        self.status = 0
        """What the command ends with: a person who has left is no fault."""
        self.path = path
        self.person = person
        self.tools = tools
        self.progress = read_progress(beside(path))
        if self.progress.done and not path.is_file():
            self.progress = Progress()  # somebody has taken the profile away: there is nothing to go on with

    def go(self) -> bool:
        """Through all steps. True once all are done; False where the person has left, or a step did not come to its
        end: the next call goes on there."""
        ahead = [step for step in STEPS if step.name not in self.progress.done]
        if ahead and self.progress.done:
            self.person.tell(
                f"This was begun before; done: {', '.join(self.progress.done)}. It goes on with: {ahead[0].name}."
            )
        try:
            for step in ahead:
                self.person.tell(f"\n{STEPS.index(step) + 1} of {len(STEPS)}: {step.title}")
                if not step.do(self):
                    self._leave()
                    return False
                self.keep(done=(*self.progress.done, step.name))
        except (Gone, KeyboardInterrupt):
            self._leave()
            return False
        except SorterError as fault:
            self.person.tell(str(fault))
            self.status = fault.exit_status
            self._leave()
            return False
        return True

    def keep(self, **changes: object) -> None:
        """Note what has been done, for good."""
        self.progress = self.progress.model_copy(update=changes)
        write_progress(beside(self.path), self.progress)

    def profile(self) -> Profile:
        """As it is now. Raises ProfileFault or UsageFault."""
        return load_profile(self.path)

    def _leave(self) -> None:
        self.person.tell("Nothing is lost: sorter setup goes on here.")


def choose(hour: FirstHour) -> bool:
    """Board, machine, camera and names; writes the profile."""
    person = hour.person
    found = hour.tools.board()
    person.tell(f"This computer is a {found}." if found else "This computer does not say that it is a Raspberry Pi.")
    likely = sorted(BOARDS, key=lambda board: not (found or "another").startswith(board))
    board = person.choose("Which board will it run on?", likely)
    known = dict(template.machines())
    person.tell("\n".join(f"  {name:<12} {template.said(profile)}" for name, profile in known.items()))
    machine = person.choose("Which machine is nearest to yours?", list(known))
    source = person.choose("Which camera?", ("picamera", "usb:0", "another"))
    if source == "another":
        source = person.type_in("Its source, as [camera] of demo.toml tells", "picamera")
    while True:
        changes: dict[tuple[str, str], str | None] = {("camera", "source"): source}
        for key, usual in (("site", known[machine].site), ("machine", known[machine].machine)):
            changes["", key] = person.type_in(f"Name of the {key} (a-z, 0-9, - and _)", usual)
        broker = person.type_in("Broker (mqtt://host, or none)", known[machine].telemetry.broker or "none")
        changes["telemetry", "broker"] = None if broker == "none" else broker
        try:
            template.write(machine, changes, hour.path)
            break
        except ProfileFault as fault:
            person.tell(str(fault))
    person.tell(f"{hour.path} is written: all that demo.toml documents may be changed there.")
    hour.keep(machine=machine, board=board, gates={})
    return True


def wire(hour: FirstHour) -> bool:
    """The wiring table, and what the lines then say."""
    profile = hour.profile()
    hour.person.tell("Without power on board and valves, connect (pin: of the 40-pin header):")
    hour.person.tell(wiretable.table(profile))
    hour.person.tell("docs/hardware.md has the drawing, the pull-downs and the relay that drops when the board hangs.")
    if hour.person.choose("Is all of it wired?", ("no", "yes")) == "no":
        return False
    return _sound(hour, ("pins",))


def test(hour: FirstHour) -> bool:
    """Computer, camera, encoder; then each gate, with the operator's yes."""
    hour.person.tell("Let the belt run, and a few fruit with it.")
    if hour.person.choose("Does it run?", ("no", "yes")) == "no" or not _sound(hour, ("computer", "encoder", "camera")):
        return False
    while left := [name for name in hour.profile().gates if hour.progress.gates.get(name) != "good"]:
        hour.person.tell(f"Gates to be tried: {', '.join(left)}. Stop the belt.")
        for finding in hour.tools.walk(hour.profile(), hour.person, left):
            hour.keep(gates={**hour.progress.gates, finding.subject: finding.verdict})
            hour.person.tell(_line(finding))
        wrong = [name for name in left if hour.progress.gates.get(name) != "good"]
        if wrong and (said := hour.person.choose(f"Not good yet: {', '.join(wrong)}.", _GO_ON)) != "again":
            return said == "go on"
    return True


def calibrate(hour: FirstHour) -> bool:
    """Measures what the template only guesses."""
    said = hour.person.choose("Calibrate now? Until then the figures are a drawing's.", ("yes", "later", "stop"))
    return said == "later" or (said == "yes" and hour.tools.calibrate(hour.path))


def sort(hour: FirstHour) -> bool:
    """The first fruit."""
    person = hour.person
    person.tell(f"The machine sorts until {FRUIT} fruit went through their gates. Keep hands away; Ctrl-C ends it.")
    while person.choose("Sort now?", ("no", "yes")) == "yes":
        found = hour.tools.sort(hour.path, FRUIT, person.tell)
        labels = ", ".join(f"{n} {label}" for label, n in found.labels.most_common())
        person.tell(
            f"Decided: {labels or 'nothing'}; {found.fired} through their gates, {found.results['late']} too late."
        )
        if found.fired >= FRUIT:
            right = person.choose("Did they fall where they should?", ("yes", "no"))
            if right == "yes":
                return True
            person.tell("See sorter doctor, and calibrate again: sorter calibrate.")
        else:
            why = "The machine has stopped itself, as it says above." if found.status else "See that fruit run."
            person.tell(f"Too few. {why} sorter doctor may know more.")
    return False


def finish(hour: FirstHour) -> bool:
    """What there is to do from now on."""
    hour.person.tell(
        "Done. From now on: sudo systemctl enable --now sorter starts it with the computer, sorter doctor says\n"
        "what is wrong, sorter calibrate measures again, and docs/plant.md puts it on the plant's network."
    )
    return True


def _sound(hour: FirstHour, names: Sequence[str]) -> bool:
    """Whether nothing is at fault, or the operator goes on all the same."""
    while True:
        findings = list(hour.tools.examine(hour.path, names))
        hour.person.tell("\n".join(map(_line, findings)))
        if not any(one.verdict == "fault" for one in findings):
            return True
        said = hour.person.choose("Something is at fault.", _GO_ON)
        if said != "again":
            return said == "go on"


def _line(one: Finding) -> str:
    text = f"  {one.verdict:<11} {one.check} {one.subject}".rstrip() + f": {one.what}"
    return f"{text}\n{'':14}do: {one.remedy}" if one.remedy else text


STEPS = (
    Step("choose", "choose board, machine and camera", choose),
    Step("wire", "wire", wire),
    Step("test", "test each part", test),
    Step("calibrate", "calibrate", calibrate),
    Step("sort", f"sort {FRUIT} fruit", sort),
    Step("done", "from now on", finish),
)
