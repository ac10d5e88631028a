"""The shell of a run that stops itself and goes on; its ports are test_app's."""

import os
import signal

from edge.app import run
from edge.datapath import EmergencyStop, Health
from tests.edge.test_app import Paper, fast_belt, machine


def test_the_safe_state_is_told_at_once_and_so_is_its_end():
    paper = Paper()

    def press(health: Health) -> None:
        if health.state == "sorting":
            paper.stops.append(EmergencyStop(0, True))
            paper.on_health = release

    def release(health: Health) -> None:
        paper.stops.append(EmergencyStop(0, False))
        paper.on_health = lambda health: os.kill(os.getpid(), signal.SIGTERM)

    paper.on_health = press
    profile = fast_belt()
    seldom = profile.telemetry.model_copy(update={"metrics_s": 3_600.0})
    assert run(machine(paper, profile.model_copy(update={"telemetry": seldom}))) == 0
    assert [health.state for health in paper.healths] == ["starting", "sorting", "safe", "sorting", "stopped"]
    assert [told for told in paper.diary if told.startswith("e_stop")] == ["e_stop raised", "e_stop cleared"]
    assert [health.feed_inhibit for health in paper.healths[1:3]] == [False, True]
