import json
from dataclasses import replace

from edge.telemetry.quality import QualityTeller
from tests.edge.telemetry.test_messages import a_writer, some_figures


def test_quality_is_told_once_for_each_time_that_it_was_worked_out() -> None:
    latest = [None]
    teller = QualityTeller(a_writer(), lambda: latest[-1])
    assert teller.step() is None
    latest.append(some_figures())
    assert teller.step() is not None
    assert teller.step() is None
    latest.append(some_figures())
    assert teller.step() is not None


def test_what_nobody_has_inspected_is_null_and_an_alarm_is_said() -> None:
    figures = replace(some_figures(), alarm={"right": 60.0, "fruit": 40.0, "agreed": 95.0}, from_s=None, until_s=None)
    said = json.loads(QualityTeller(a_writer(), lambda: figures).step().payload)
    assert said["precision"]["damaged"] == {"value": None, "low": 0.0, "high": 1.0, "inspected": 0.0}
    assert said["precision"]["red"]["value"] == 1.0
    assert (said["decayed"], said["from_utc"], said["until_utc"]) == (True, None, None)
