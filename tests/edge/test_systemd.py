"""sd_notify, against a real socket of each kind."""

import os
import socket
import sys
import tempfile

import pytest

from edge.systemd import Notifier


def listener(address: str) -> socket.socket:
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(address)
    s.settimeout(5)
    return s


@pytest.fixture
def told():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, listener(f"{folder}/n") as s:
        yield s, {"NOTIFY_SOCKET": f"{folder}/n", "WATCHDOG_USEC": "1000000"}


def test_ready_carries_the_status(told):
    s, environ = told
    notifier = Notifier(environ)
    notifier.ready("sorting")
    notifier.close()
    assert s.recv(100) == b"READY=1\nSTATUS=sorting"


def test_a_status_is_no_readiness(told):
    s, environ = told
    notifier = Notifier(environ)
    notifier.status("in the safe state")
    notifier.close()
    assert s.recv(100) == b"STATUS=in the safe state"


def test_the_watchdog_is_told_four_times_per_time_out_however_often_it_is_called(told):
    s, environ = told
    notifier = Notifier(environ)
    for now_ms in range(0, 1000, 10):
        notifier.watchdog(now_ms * 1_000_000)
    notifier.stopping("end")
    notifier.close()
    heard = [s.recv(100) for _ in range(5)]
    assert heard == [b"WATCHDOG=1"] * 4 + [b"STOPPING=1\nSTATUS=end"]


@pytest.mark.skipif(sys.platform != "linux", reason="the abstract namespace is Linux's own")
def test_an_abstract_socket_is_found():
    with listener(f"\0sorter-test-{os.getpid()}") as s:
        notifier = Notifier({"NOTIFY_SOCKET": f"@sorter-test-{os.getpid()}"})
        notifier.ready("sorting")
        notifier.close()
        assert s.recv(100).startswith(b"READY=1")


def test_without_a_socket_nothing_is_said_and_nothing_fails():
    notifier = Notifier({})
    notifier.ready("sorting")
    notifier.watchdog(0)
    notifier.close()


def test_a_listener_that_went_away_does_not_stop_the_line():
    notifier = Notifier({"NOTIFY_SOCKET": "/tmp/no-such-folder/n", "WATCHDOG_USEC": "1000"})
    notifier.ready("sorting")
    notifier.watchdog(0)
    notifier.close()
