"""The shipped unit on a machine with systemd: stock picamera2 plays a belt film, and the fruit fall as they should."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from edge import clock
from edge.datapath import BELT_END
from edge.telemetry.messages import Info, Metrics, TrackMessage
from sim.wires import Edge
from tests.nspawn.film import NS_PER_S
from tests.nspawn.line import Line, S

FEWEST = 12
"""Fruit whose way from the picture's edge to the belt's end is watched."""
SAID_WITHIN_NS = 2 * S
"""Of its gate's opening a fruit is told of; the next one for that gate is 3 s off."""
ROUNDED_NS = S // 50
"""Messages say the time in whole milliseconds of a clock that may be set meanwhile."""


def said_at_ns(told: TrackMessage) -> int:
    """When, by the clock of the lines: the machine's wall clock is this computer's."""
    ago = datetime.now(UTC) - datetime.fromisoformat(told.ts_utc)
    return clock.now_ns() - round(ago.total_seconds() * NS_PER_S)


def openings(line: Line) -> Iterator[tuple[str, int]]:
    """Each gate's name, whenever its line rose in this run."""
    names = {gate.pin: name for name, gate in line.profile.gates.items()}
    for edge in line.this_run():
        if isinstance(edge, Edge) and edge.level and edge.line in names:
            yield names[edge.line], edge.at_ns


@pytest.fixture(scope="module")
def sorting(line: Line) -> Line:
    line.sorts()
    return line


def test_it_is_ready_and_says_that_it_sorts(sorting: Line) -> None:
    assert sorting.show("Type", "ActiveState", "SubState") == {
        "Type": "notify",
        "ActiveState": "active",
        "SubState": "running",
    }


def test_the_fruit_of_the_film_fall_where_their_grade_belongs(sorting: Line) -> None:
    sorting.until(lambda: len(sorting.passages()) >= FEWEST, 60, f"{FEWEST} fruit have passed")
    passed = sorting.passages()
    route = sorting.profile.route
    wrong = [one for one in passed if one.fell not in (route[one.fruit.label], BELT_END)]
    right = [one for one in passed if one.fell == route[one.fruit.label]]
    assert wrong == []
    # A computer that is busy with other tests may lose pictures, and what is doubtful then runs to the belt's end.
    assert len(right) >= 0.75 * len(passed), [(one.fruit.lane, one.fruit.label, one.fell) for one in passed]


def test_every_fruit_that_a_gate_took_is_told_of_as_the_film_has_it(sorting: Line) -> None:
    sorting.until(lambda: len(sorting.passages()) >= FEWEST, 60, f"{FEWEST} fruit have passed")
    passed, profile = sorting.passages(), sorting.profile
    clock.sleep_until(clock.now_ns() + SAID_WITHIN_NS)
    tracks = [(said_at_ns(told), told) for told in sorting.told(TrackMessage)]
    taken = [one for one in passed if one.fell != BELT_END]
    assert len(taken) >= 0.75 * len(passed)
    for one in taken:
        outlet = profile.route[one.fruit.label]
        (name, gate), *_ = [
            (name, gate) for name, gate in profile.gates.items() if (gate.lane, gate.outlet) == (one.fruit.lane, outlet)
        ]
        there_ns = one.at_ns + round(gate.x_mm / profile.belt.speed_mm_s * NS_PER_S)
        (told,) = [told for at_ns, told in tracks if told.gate == name and abs(at_ns - there_ns) < SAID_WITHIN_NS / 1.5]
        assert (told.lane, told.label, told.outlet) == (one.fruit.lane, one.fruit.label, outlet)
        assert (told.reason, told.result, told.profile) == ("graded", "fired", profile.digest)


def test_what_is_said_of_the_gates_is_what_their_lines_did(sorting: Line) -> None:
    tracks = sorting.told(TrackMessage)
    fired = [(told.gate, said_at_ns(told)) for told in tracks if told.result == "fired"]
    until_ns = clock.now_ns()
    opened = [one for one in openings(sorting) if one[1] < until_ns - SAID_WITHIN_NS]
    assert len(opened) >= FEWEST / 2
    untold = [one for one in opened if not any(is_near(one, told) for told in fired)]
    unseen = [told for told in fired if not any(is_near(one, told) for one in openings(sorting))]
    assert (untold, unseen) == ([], [])
    (info,) = sorting.told(Info)[-1:]
    assert info.gates == {name: gate.outlet for name, gate in sorting.profile.gates.items()}
    assert {told.bundle for told in tracks} == {info.bundle}
    assert sorting.told(Metrics)[-1].fired >= len(opened)


def is_near(opened: tuple[str, int], told: tuple[str | None, int]) -> bool:
    return opened[0] == told[0] and -ROUNDED_NS <= told[1] - opened[1] < SAID_WITHIN_NS
