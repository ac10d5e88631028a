"""Whatever kills the device, its gates are released, and nothing opens until it sorts again."""

import signal

import pytest

from tests.live.kills import KINDS, rehearse, setup

DEADLINE_S = 10.0


@pytest.mark.parametrize(("victim", "number"), KINDS, ids=[f"{victim} {number.name}" for victim, number in KINDS])
def test_a_killed_or_stopped_process_leaves_every_line_safe_until_it_sorts_again(
    victim: str, number: signal.Signals
) -> None:
    (kill,) = rehearse(setup(), victim, number, times=1, within_s=DEADLINE_S)
    assert kill.lines_open > 0
    assert kill.safe_ms < DEADLINE_S * 1000
    assert kill.safe_ms < kill.first_verdict_ms
    assert kill.strays == 0
    assert kill.ran_on > 0
