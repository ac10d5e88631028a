import pytest

from edge.clock import now_ns, sleep_until
from edge.errors import BrokerFault
from sim.deskbroker import USER, DeskBroker


@pytest.mark.slow
def test_the_page_is_told_of_the_broker_once_there_is_one_and_where_it_is_served_is_news():
    with DeskBroker() as broker:
        broker.page = "http://127.0.0.1:8080/"
        assert broker.page_config()["user"] == USER
        deadline_ns = now_ns() + 15_000_000_000
        while (news := broker.news()) is None:
            assert now_ns() < deadline_ns
            sleep_until(now_ns() + 20_000_000)
        assert news.startswith("dashboard: http://127.0.0.1:8080/; broker: ")
        assert broker.page_config()["broker"] == broker.running.page_url


def test_without_a_broker_the_page_is_told_of_none(monkeypatch):
    monkeypatch.setattr("sim.deskbroker.start_broker", fail)
    with DeskBroker() as broker:
        assert broker.page_config()["broker"] is None


def fail(port: int):
    raise BrokerFault(f"nothing listens on {port}")
