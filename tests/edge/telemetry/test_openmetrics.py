"""The endpoint: what prometheus_client's own parser reads of it, and who can reach it."""

import socket
import threading
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse

from edge.config import load_profile
from edge.datapath import Adopted, Incident, StepInputs
from edge.incidents import CATALOGUE
from edge.telemetry.openmetrics import CONTENT_TYPE, Endpoint, Figures
from tests.edge.telemetry.records import a_health, a_verdict, an_outcome

DEMO = load_profile(Path(__file__).parents[3] / "firmware_config/profiles/demo.toml")


def figures() -> Figures:
    made = Figures(DEMO, "factory@0123456789ab")
    for n in range(3):
        made.put(a_verdict(n))
    made.put(a_verdict(3, outlet="end"))
    for n, result in enumerate(("fired", "fired", "late")):
        made.put(an_outcome(n, result))
    made.put(Incident(1, "overload", "raised", {"shed": 1}))
    made.put(a_health(at_ns=1_000_000_000, shed=7))
    return made


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parse(text)
        for sample in family.samples
    }


def test_an_independent_parser_reads_every_figure():
    found = samples(figures().text(3_000_000_000))
    assert found["sorter_fruit_total", (("label", "red"), ("outlet", "red"), ("reason", "graded"))] == 3
    assert found["sorter_fruit_total", (("label", "red"), ("outlet", "end"), ("reason", "doubtful"))] == 1
    assert found["sorter_pulses_total", (("result", "fired"),)] == 2
    assert found["sorter_frames_total", ()] == 300
    assert found["sorter_shed_fruit_total", ()] == 7
    assert found["sorter_broker_online", ()] == 1
    assert found["sorter_step_seconds", (("quantile", "0.99"),)] == 0.0141
    assert found["sorter_health_age_seconds", ()] == 2
    assert found["sorter_state", (("sorter_state", "sorting"),)] == 1
    assert found["sorter_state", (("sorter_state", "safe"),)] == 0
    assert found["sorter_alarm", (("name", "overload"), ("severity", "warning"))] == 1


def test_every_alarm_is_there_before_it_is_raised():
    found = samples(Figures(DEMO, "factory@0").text(0))
    named = {dict(labels)["name"] for name, labels in found if name == "sorter_alarm"}
    assert named == set(CATALOGUE)


def test_what_is_said_before_the_first_health_is_well_formed_too():
    assert "sorter_frames" not in Figures(DEMO, "factory@0").text(0)
    assert samples(Figures(DEMO, 'a"b\\c\nd').text(0))


def test_a_bundle_that_takes_over_is_named_from_then_on():
    made = figures()
    made.put(StepInputs(1, (), None, ()))
    assert bundle_of(made) == "factory@0123456789ab"
    made.put(StepInputs(2, (), None, (), None, Adopted("new@ba9876543210", "/slots/a")))
    assert bundle_of(made) == "new@ba9876543210"


def bundle_of(made: Figures) -> str:
    (labels,) = [dict(labels) for name, labels in samples(made.text(0)) if name == "sorter_info"]
    return labels["bundle"]


def test_a_raised_alarm_that_clears_is_zero_again():
    made = figures()
    made.put(Incident(1, "overload", "cleared", {"shed": 1}))
    assert samples(made.text(0))["sorter_alarm", (("name", "overload"), ("severity", "warning"))] == 0


@pytest.fixture
def endpoint():
    made, over = Endpoint(DEMO, "factory@0123456789ab", 0), threading.Event()
    thread = threading.Thread(target=made.serve, args=(over.is_set,))
    thread.start()
    while made.bound is None:
        assert thread.is_alive()
    yield made
    over.set()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.slow
def test_a_scraper_gets_it_by_http(endpoint):
    endpoint.put(a_health())
    with urllib.request.urlopen(f"http://127.0.0.1:{endpoint.bound}/metrics", timeout=5) as answer:
        assert answer.headers["Content-Type"] == CONTENT_TYPE
        assert samples(answer.read().decode())["sorter_frames_total", ()] == 300
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{endpoint.bound}/", timeout=5)


@pytest.mark.slow
def test_a_client_that_says_nothing_is_left_and_the_next_is_served(endpoint):
    url = f"http://127.0.0.1:{endpoint.bound}/metrics"
    with socket.create_connection(("127.0.0.1", endpoint.bound)), urllib.request.urlopen(url, timeout=5) as answer:
        assert answer.status == 200


@pytest.mark.slow
def test_only_this_computer_reaches_it(endpoint):
    with socket.socket() as probe:
        probe.settimeout(0.5)
        assert probe.connect_ex(("127.0.0.2", endpoint.bound)) != 0


def test_a_port_that_is_taken_costs_the_endpoint_and_nothing_else():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        made = Endpoint(DEMO, "factory@0", taken.getsockname()[1])
        made.serve(lambda: False)  # returns at once
        made.put(a_health())
        assert made.bound is None
