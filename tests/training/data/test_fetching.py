"""What people judged, fetched over a real broker: whole, or asked for again; refused where one may not."""

import json

import pytest

from edge.cli import main
from edge.clock import now_ns
from edge.errors import BrokerFault, UsageFault
from edge.kept import Word
from edge.trace import answering
from sim.broker import start_broker
from tests.dashboard.reviewed import a_machine
from training.data import fetching
from training.data.fetching import Road, from_broker

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto]


@pytest.fixture(scope="module")
def broker():
    running = start_broker(prefer=("mosquitto",))
    yield running
    running.stop()


def test_what_was_judged_comes_whole_in_parts_and_pages(broker, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(answering, "CHUNK", 2_000)
    monkeypatch.setattr(fetching, "PAGE", 2)
    with a_machine(broker.port, tmp_path / "history", 6) as machine:
        for n in range(5):
            word = Word(f"run.{n}", "desk", f"c{n}", "2026-01-02T10:00:00.000Z", machine.truth[f"run.{n}"], 0.7)
            machine.pictures.say(word)
        deadline_ns = now_ns() + 10_000_000_000
        while len(machine.words()) < 5 and now_ns() < deadline_ns:
            pass
        url = f"mqtt://127.0.0.1:{broker.port}/desk/demo"
        assert main(["data", "ingest", url, "--out", str(tmp_path / "out")]) == 0
    assert "20 pictures of 5 fruit" in capsys.readouterr().out
    told = json.loads((tmp_path / "out/provenance.json").read_text())["fruit"]
    assert {track: one["label"] for track, one in told.items()} == {
        f"run.{n}": machine.truth[f"run.{n}"] for n in range(5)
    }
    for track in told:
        for picture in (tmp_path / "out/pictures" / track).iterdir():
            (kept,) = (tmp_path / "history/pictures").glob(f"*/{track}/{picture.name}")
            assert picture.read_bytes() == kept.read_bytes()


def test_who_may_not_ask_is_told_so(broker, tmp_path):
    with a_machine(broker.port, tmp_path, 1), pytest.raises(BrokerFault, match="nobody by this name may command it"):
        list(from_broker(Road(f"mqtt://127.0.0.1:{broker.port}/desk/demo", username="mallory")))


def test_an_address_without_a_machine_is_a_wrong_question():
    with pytest.raises(UsageFault, match="mqtt://host/SITE/MACHINE"):
        list(from_broker(Road("mqtt://127.0.0.1:1")))
