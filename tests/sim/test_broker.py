import os
import signal
import socket
import subprocess
import sys

import pytest

from edge.clock import now_ns, sleep_until
from edge.errors import BrokerFault
from sim.broker import LOOPBACK, USUAL_PORT, answers, free_port, start_broker
from sim.embedded_broker import main as embedded


def test_an_open_port_that_speaks_no_mqtt_is_not_a_broker():
    with socket.create_server((LOOPBACK, 0)) as mute:
        assert not answers(mute.getsockname()[1], within_s=0.1)


def test_a_port_that_is_taken_is_refused_in_one_line():
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BrokerFault, match=f"{LOOPBACK}:{port}: another program listens there"):
            start_broker(port)


def test_no_broker_at_all_is_one_line_with_what_to_install(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(BrokerFault, match="mosquitto: not on PATH; install it"):
        start_broker(prefer=("mosquitto",))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5"])
def test_the_embedded_broker_serves_the_loopback_alone(host, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["broker", "--host", host, "--port", "18830"])
    with pytest.raises(SystemExit):
        embedded()
    assert "127.0.0.1" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param("mosquitto", marks=pytest.mark.mosquitto), "amqtt"])
def test_a_broker_answers_once_started_and_no_more_once_stopped(name):
    broker = start_broker(prefer=(name,))
    assert (broker.name, answers(broker.port)) == (name, True)
    assert broker.url == f"mqtt://127.0.0.1:{broker.port}"
    socket.create_connection((LOOPBACK, broker.page_port), timeout=2).close()
    broker.stop()
    assert not answers(broker.port)


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param("mosquitto", marks=pytest.mark.mosquitto), "amqtt"])
def test_anothers_answer_is_not_taken_for_our_brokers(name, monkeypatch):
    first = start_broker()
    monkeypatch.setattr("sim.broker.free_port", lambda wanted: first.port)  # another was quicker than our look
    with pytest.raises(BrokerFault, match=f"{name}: does not answer on {LOOPBACK}:{first.port}: .+"):
        start_broker(prefer=(name,))
    first.stop()


@pytest.mark.slow
def test_a_port_lost_to_a_quicker_broker_is_replaced_by_another(monkeypatch):
    first = start_broker()
    monkeypatch.setattr(
        "sim.broker.free_port", lambda wanted: first.port if USUAL_PORT in wanted else free_port(wanted)
    )
    second = start_broker()
    assert answers(second.port)
    assert second.port != first.port
    first.stop()
    second.stop()


@pytest.mark.slow
def test_a_second_broker_takes_a_free_port():
    first, second = start_broker(), start_broker()
    assert first.port != second.port
    assert answers(second.port)
    first.stop()
    second.stop()


@pytest.mark.slow
def test_the_broker_ends_with_whoever_started_it_even_by_sigkill():
    code = "from sim.broker import start_broker; print(start_broker().port, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        port = int(owner.stdout.readline())
        assert answers(port)
        os.kill(owner.pid, signal.SIGKILL)
    deadline_ns = now_ns() + 5_000_000_000
    while answers(port):
        assert now_ns() < deadline_ns, "the broker lives on"
        sleep_until(now_ns() + 20_000_000)
