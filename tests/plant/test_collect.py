"""`sorter collect` at a real mosquitto: several share the work, and neither a kill nor an outage loses a message."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from paho.mqtt.publish import single

from edge.cli import main
from edge.clock import now_ns, sleep_until
from edge.telemetry.messages import Message, Writer
from sim.broker import start_broker
from tests.plant.history import Said, identities
from tests.plant.mosquitto import ADMIN, Member, PlantBroker, a_plant, wait

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

CHECKOUT = Path(__file__).parents[2]
MANY = 1_500
SHARED = ("--group", "archive")


@pytest.fixture
def broker(tmp_path: Path):
    with a_plant(tmp_path / "office") as running:
        yield running


@contextlib.contextmanager
def collecting(broker: PlantBroker, out: Path, name: str, *more: str):
    arguments = ["--broker", f"mqtts://localhost:{broker.ports['password']}", "--out", str(out), "--name", name]
    home = broker.folder / "users/archive"
    arguments += ["--username", "archive", "--password-file", str(home / "password"), "--ca-file", str(home / "ca.crt")]
    environ = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-m", "edge.cli", "collect", *arguments, "--every-s", "1", *more]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)


def kept(out: Path, kind: str = "track") -> list[tuple[str, int]]:
    with duckdb.connect() as base:
        try:
            return base.execute(f"SELECT run_id, seq FROM read_parquet('{out}/{kind}/**/*.parquet')").fetchall()
        except duckdb.IOException:
            return []


def fruit(machine: str, many: int) -> list[Message]:
    said = Said(machine, run_id=f"run-{machine}")
    for n in range(many):
        said.fruit(n, "end")
    return said.kept.messages


def warm(publisher: Member, out: Path, collectors: int) -> None:
    """Until so many collectors hear: each new message goes to one of them in turn."""
    writer = Writer("packing", "warm", "warm")
    deadline_ns = now_ns() + 30_000_000_000
    while len({path.name.split(".")[0] for path in out.rglob("status/**/*.parquet")}) < collectors:
        assert now_ns() < deadline_ns
        message = writer.status("online")
        publisher.publish(message.topic, message.payload)
        sleep_until(now_ns() + 100_000_000)


def test_two_collectors_share_the_work_and_a_kill_loses_nothing(broker, tmp_path):
    out = tmp_path / "history"
    publisher = Member(broker, ADMIN)
    messages = [message for pair in zip(fruit("line-1", MANY), fruit("line-2", MANY), strict=True) for message in pair]
    with collecting(broker, out, "one", *SHARED), collecting(broker, out, "two", *SHARED) as two:
        warm(publisher, out, 2)
        for n, message in enumerate(messages):
            publisher.publish_soon(message.topic, message.payload)
            if n == MANY // 2:
                two.kill()
                two.wait(5)
        publisher.all_answered()
        with collecting(broker, out, "two", *SHARED):  # back, and what it had not acknowledged comes again
            wait(lambda: set(kept(out)) >= identities(messages), lambda: str(len(set(kept(out)))), within_s=30)
    publisher.close()
    assert set(kept(out)) == identities(messages)
    shares = {path.name.split(".")[0] for path in out.rglob("track/**/*.parquet")}
    assert shares == {"one", "two"}
    once = f"SELECT count(*) FROM (SELECT DISTINCT ON (run_id, seq) * FROM read_parquet('{out}/track/**/*.parquet'))"
    with duckdb.connect() as base:
        assert base.execute(once).fetchall() == [(len(messages),)]


def test_what_was_said_while_the_collector_was_away_is_kept_when_it_is_back(broker, tmp_path):
    out = tmp_path / "history"
    publisher = Member(broker, ADMIN)
    messages = fruit("line-1", 200)
    with collecting(broker, out, "one"):
        warm(publisher, out, 1)
    for message in messages:
        publisher.publish_soon(message.topic, message.payload)
    publisher.all_answered()
    publisher.close()
    with collecting(broker, out, "one"):
        wait(lambda: set(kept(out)) == identities(messages), within_s=30)


def test_a_broker_that_restarts_is_found_again_and_what_came_before_the_collector_was_back_is_kept(broker, tmp_path):
    out = tmp_path / "history"
    with collecting(broker, out, "one"):
        publisher = Member(broker, ADMIN)
        warm(publisher, out, 1)
        publisher.close()
        broker.stop()
        broker.start()
        publisher = Member(broker, ADMIN)
        messages = fruit("line-1", 50)
        for message in messages:
            publisher.publish(message.topic, message.payload)
        publisher.close()
        wait(lambda: set(kept(out)) == identities(messages), within_s=30)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (["--username", "nobody"], "the broker refuses: Not authorized; correct --username and --password-file"),
        (["--broker", "localhost"], "--broker localhost: must be mqtt://host or mqtts://host"),
        (["--broker", "mqtts://localhost:1"], "Connection refused"),
    ],
)
def test_a_collector_that_is_refused_says_why_in_one_line(changed, told, broker, tmp_path):
    home = broker.folder / "users/archive"
    arguments = ["--broker", f"mqtts://localhost:{broker.ports['password']}", "--out", str(tmp_path / "out")]
    arguments += ["--username", "archive", "--password-file", str(home / "password"), "--ca-file", str(home / "ca.crt")]
    environ = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-m", "edge.cli", "collect", *arguments, *changed, "--seconds", "3"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=30)
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_the_subscriber_of_the_docs_prints_each_fruit():
    running = start_broker(prefer=("mosquitto",))
    command = [sys.executable, "-u", str(CHECKOUT / "docs/subscriber.py"), "127.0.0.1", str(running.port)]
    lines = (CHECKOUT / "docs/subscriber.py").read_text(encoding="utf-8").splitlines()
    assert sum(bool(line) for line in lines) <= 10
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        (message, *_) = fruit("line-1", 1)
        os.set_blocking(process.stdout.fileno(), False)
        heard = b""
        deadline_ns = now_ns() + 10_000_000_000
        while not heard and now_ns() < deadline_ns:
            single(message.topic, message.payload, port=running.port)
            sleep_until(now_ns() + 100_000_000)
            heard = process.stdout.read() or b""
        process.terminate()
    running.stop()
    assert heard.decode().startswith(f"{json.loads(message.payload)['track_id']}: red to end\n")


@pytest.mark.parametrize(
    ("wrong", "said", "status"),
    [
        (("--out", "/dev/null/x"), "--out /dev/null/x: Not a directory; give a folder that can be written", 2),
        (("--broker", "nowhere"), "--broker nowhere: must be mqtt://host or mqtts://host", 2),
        (("--name", "A/b"), "'A/b': not a name", 2),
        ((), "Connection refused; start one there or correct --broker", 1),
        (("--username", "x", "--password-file", "/gone"), "--password-file /gone: No such file or directory", 1),
        (("--broker", "mqtts://127.0.0.1:1", "--ca-file", "/gone"), "--ca-file /gone: No such file or directory", 1),
    ],
)
def test_a_wrong_question_is_answered_in_one_line(wrong, said, status, tmp_path, capsys):
    asked = ["collect", "--broker", "mqtt://127.0.0.1:1", "--out", str(tmp_path), *wrong]
    assert main(asked) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
