import json

from edge.datapath import Incident
from edge.telemetry.reporter import PENDING, Reporter
from tests.edge.telemetry.records import a_health, a_track, a_verdict, an_outcome
from tests.edge.telemetry.test_messages import Kept, a_writer


def reported(*records, close=False):
    kept = Kept()
    reporter = Reporter(a_writer(), kept)
    for record in records:
        reporter.put(record)
    if close:
        reporter.close()
    return [json.loads(message.payload) for message in kept.messages]


def test_a_fruit_is_told_of_when_its_pulse_has_its_outcome():
    assert reported(a_track(1), a_verdict(1)) == []
    (said,) = reported(a_track(1), a_verdict(1), an_outcome(1))
    assert said["track_id"] == "run.1"
    assert (said["lane"], said["looks"], said["length_mm"]) == (1, 2, 57.3)
    assert (said["outlet"], said["gate"], said["result"], said["late_ms"]) == ("red", "red_0", "fired", 0.412)
    assert said["scores"] == {"green": 0.0, "turning": 0.03, "red": 0.97, "damaged": 0.0}


def test_a_fruit_without_a_pulse_is_told_of_at_its_verdict():
    (said,) = reported(a_track(1), a_verdict(1, outlet="end"))
    assert (said["outlet"], said["reason"], said["gate"], said["result"]) == ("end", "doubtful", None, None)


def test_a_refused_pulse_says_so():
    (said,) = reported(a_track(1), a_verdict(1), an_outcome(1, "late"))
    assert said["result"] == "late"


def test_one_message_a_fruit_however_often_an_outcome_comes():
    assert len(reported(a_track(1), a_verdict(1), an_outcome(1), an_outcome(1))) == 1


def test_a_fruit_whose_outcome_never_comes_is_told_of_without_one_and_memory_stays_bounded():
    fruit = PENDING + 3
    said = reported(*(record for n in range(fruit) for record in (a_track(n), a_verdict(n))))
    assert [message["track_id"] for message in said] == ["run.0", "run.1", "run.2"]
    assert {message["result"] for message in said} == {None}


def test_at_the_end_of_a_run_no_fruit_is_left_untold():
    said = reported(a_track(1), a_verdict(1), a_track(2), a_verdict(2), an_outcome(2), close=True)
    assert [(message["track_id"], message["result"]) for message in said] == [("run.2", "fired"), ("run.1", None)]


def test_health_becomes_metrics():
    (said,) = reported(a_health())
    assert (said["state"], said["verdicts"], said["step_p99_ms"]) == ("sorting", 49, 14.1)


def test_the_safe_state_raises_an_alarm_once_and_clears_it_once():
    said = reported(a_health(), a_health("safe"), a_health("safe"), a_health(), a_health())
    alarms = [(m["name"], m["state"]) for m in said if m["schema"] == "sorter.alarm/1"]
    assert alarms == [("safe_state", "raised"), ("safe_state", "cleared")]


def test_a_machine_that_is_told_to_stop_raises_no_alarm():
    assert [m["schema"] for m in reported(a_health(), a_health("stopped"))] == ["sorter.metrics/1"] * 2


def test_overload_raises_an_alarm_that_says_what_to_do_and_clears_it_when_it_is_over():
    raised, cleared = reported(*(Incident(1, "overload", state, {"shed": 9}) for state in ("raised", "cleared")))
    assert (raised["name"], raised["state"], raised["severity"]) == ("overload", "raised", "warning")
    assert "feed less" in raised["text"]
    assert (cleared["name"], cleared["state"]) == ("overload", "cleared")


def test_an_incident_raises_its_alarm_and_clears_it():
    figures = {"percent": 4.2}
    said = reported(*(Incident(1, "encoder_slips", state, figures) for state in ("raised", "cleared")))
    assert [(m["name"], m["state"], m["severity"]) for m in said] == [
        ("encoder_slips", "raised", "warning"),
        ("encoder_slips", "cleared", "warning"),
    ]
    assert said[0]["text"].startswith("encoder slips 4 %: check the wheel")


def test_metrics_name_the_alarms_that_are_raised_now_for_whoever_comes_later():
    said = reported(a_health("safe"), a_health("safe"), a_health(), a_health())
    raised = [[alarm["name"] for alarm in m["alarms"]] for m in said if m["schema"] == "sorter.metrics/1"]
    assert raised == [[], ["safe_state"], ["safe_state"], []]


def test_what_has_been_is_said_anew_with_the_metrics_and_only_where_there_was_more():
    kept = Kept()
    reporter = Reporter(a_writer(), kept)
    reporter.put(a_health())
    for n in range(40):
        reporter.put(Incident(n, "camera_lost", "cleared" if n % 2 else "raised", {}))
    reporter.put(Incident(40, "camera_lost", "raised", {}))
    reporter.acknowledge("camera_lost", "anna")
    reporter.put(a_health())
    reporter.put(a_health())
    (said,) = [json.loads(message.payload) for message in kept.messages if message.topic.endswith("/incidents")]
    assert [past["state"] for past in said["past"][-4:]] == ["raised", "cleared", "raised", "acknowledged"]
    assert (said["past"][-1]["by"], len(said["past"])) == ("anna", 32)
    reporter.put(Incident(41, "camera_lost", "cleared", {}))
    reporter.close()
    assert json.loads(kept.messages[-1].payload)["past"][-1]["state"] == "cleared"
