import json
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import pytest

from edge.datapath import BeltSample, Look
from edge.trace.memory import ForeignMemory, freeze, plain, thaw


@dataclass
class Part:
    """Remembers whatever a part of a line might."""

    settings: object = object
    held: object = None
    inner: object = None


@dataclass(slots=True)
class Slotted:
    numbers: list = field(default_factory=list)
    recent: deque = field(default_factory=lambda: deque(maxlen=2))


KINDS = (Part, Slotted, BeltSample, Look)


def carried(part: object, into: object) -> object:
    thaw({"part": into}, json.loads(json.dumps(freeze({"part": part}, KINDS), default=plain)), KINDS)
    return into


@pytest.mark.parametrize(
    "held",
    [
        None,
        True,
        -3,
        0.1 + 0.2,
        "text",
        [1, [2.5]],
        (1, ("a",)),
        {2, 3},
        {1: "one", "two": (2,)},
        deque([1, 2], maxlen=5),
        BeltSample(1, 2, 3),
        [BeltSample(1, 2, 3)],
        Look("r.1", 3, 0.1 + 0.2, (0.25, 0.25, 0.25, 0.25), 1e-300),
    ],
)
def test_what_is_held_comes_back_equal_and_of_its_own_kind(held: object) -> None:
    back = carried(Part(held=held), Part()).held
    assert back == held
    assert type(back) is type(held)


def test_arrays_of_features_come_back() -> None:
    look = Look("r.1", 3, 1.0, (0.25,) * 4, 0.0, np.array([-1, 5], np.int8))
    back = carried(Part(held=[look]), Part()).held[0].features
    assert back.dtype == np.int8
    assert back.tolist() == [-1, 5]


def test_slots_and_the_length_of_a_deque_are_kept() -> None:
    was = Slotted([1, 2])
    was.recent.extend([7, 8, 9])
    back = carried(was, Slotted())
    assert (back.numbers, back.recent, back.recent.maxlen) == ([1, 2], deque([8, 9]), 2)


def test_what_the_line_was_built_with_stays() -> None:
    settings, other = object(), object()
    back = carried(Part(settings=settings, inner=Part(settings=settings, held=5)), Part(other, inner=Part(other)))
    assert back.settings is back.inner.settings is other
    assert back.inner.held == 5


def test_what_was_shared_stays_shared() -> None:
    one = Slotted([1])
    back = carried(Part(held=[one, one], inner=(one,)), Part())
    assert back.held[0] is back.held[1] is back.inner[0]


def test_a_later_step_does_not_change_what_was_frozen() -> None:
    numbers = [1]
    frozen = freeze({"part": Slotted(numbers)}, KINDS)
    numbers.append(2)
    into = Slotted()
    thaw({"part": into}, frozen, KINDS)
    assert into.numbers == [1]


def test_a_frozen_record_is_replaced_and_never_written_into() -> None:
    mine = BeltSample(1, 1, 1)
    carried(Part(held=BeltSample(2, 2, 2)), Part(held=mine))
    assert mine == BeltSample(1, 1, 1)


def test_what_cannot_be_held_is_named() -> None:
    with pytest.raises(TypeError, match="a object: name it"):
        freeze({"part": Part(held=[object()])}, KINDS)


@pytest.mark.parametrize("into", [{"other": Part()}, {"part": Slotted()}])
def test_memory_without_a_place_is_foreign(into: dict) -> None:
    with pytest.raises(ForeignMemory):
        thaw(into, freeze({"part": Part(held=1)}, KINDS), KINDS)
