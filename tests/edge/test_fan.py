"""What the line can do without never stops it."""

from collections.abc import Sequence

import pytest

from edge.datapath import BeltSample, Detection, Record
from edge.fan import AsideFan, Fan

SAMPLE = BeltSample(1, 2, 3)


class Ear:
    """Hears records and looks, or fails at each."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.heard = 0

    def put(self, record: Record) -> None:
        self.heard += 1
        if self.fails:
            raise ZeroDivisionError

    def looked(self, seen: Sequence[tuple[str, Detection]]) -> None:
        self.heard += 1
        if self.fails:
            raise ZeroDivisionError


def test_a_spare_listener_that_fails_hears_no_more_and_the_others_do() -> None:
    own, bad, good = Ear(), Ear(fails=True), Ear()
    fan = Fan((own,), spare=(bad, good))
    fan.put(SAMPLE)
    fan.put(SAMPLE)
    assert (own.heard, bad.heard, good.heard) == (2, 1, 2)


def test_what_goes_wrong_in_a_listener_that_the_line_needs_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        Fan((Ear(fails=True),)).put(SAMPLE)


def test_an_onlooker_that_fails_sees_no_more_and_the_others_do() -> None:
    bad, good = Ear(fails=True), Ear()
    fan = AsideFan((bad, good))
    fan.looked(())
    fan.looked(())
    assert (bad.heard, good.heard) == (1, 2)
