"""The command that systemd runs once the service has ended: every line to its safe level, whatever is wrong."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from edge.sort.release import leave_word, lines_of, release
from edge.sort.wire import FeedLine, GateLine
from tests.edge.sort.fakes import settings

PROFILES = Path(__file__).parents[3] / "firmware_config" / "profiles"
FEED = (FeedLine("inhibit", 16, False, True), FeedLine("slow", 12, True, True))

# Runs the module as `python -m` does, and says before its end which modules it had loaded.
WITNESS = """
import json, os, runpy, sys
ending = os._exit
def end(status):
    print(json.dumps(sorted(sys.modules)), flush=True)
    ending(status)
os._exit = end
runpy.run_module("edge.sort.release", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def factory():
    made = MockFactory()
    yield made
    made.reset()


def test_every_line_is_driven_to_its_safe_level_and_held_there(factory):
    lines = [GateLine("high", 17, True, 0), GateLine("low", 18, False, 0)]
    held, faults = release(lines, list(FEED), factory)
    assert faults == []
    assert {pin: factory.pin(pin).state for pin in (17, 18, 16, 12)} == {17: 0, 18: 1, 16: 0, 12: 1}
    assert {factory.pin(pin).function for pin in (17, 18, 16, 12)} == {"output"}
    assert len(held) == 4


def test_a_line_that_cannot_be_had_keeps_no_other_from_being_released(factory):
    lines = [GateLine("taken", 99, True, 0), GateLine("low", 18, False, 0)]
    held, faults = release(lines, [], factory)
    assert factory.pin(18).state == 1
    assert len(held) == 1
    assert faults[0].startswith("[gates.taken] pin = 99: cannot be claimed")


def test_what_was_claimed_last_counts_and_not_what_the_profile_says_by_now(tmp_path):
    claimed = settings(feed=FEED)
    leave_word(claimed, tmp_path)
    assert lines_of(PROFILES / "demo.toml", tmp_path) == (list(claimed.gates), list(FEED))


@pytest.mark.parametrize("word", [None, b"", b'{"is": "settings"}', b'{"is": "beat"}', b"\xff\n"])
def test_without_that_word_the_profile_tells_however_faulty_it_is(tmp_path, word):
    if word is not None:
        (tmp_path / "lines").write_bytes(word)
    faulty = tmp_path / "faulty.toml"
    faulty.write_text(
        'site = 7\n[gates.a]\npin = 17\nactive_high = false\n[gates.b]\npin = "x"\n[gates.c]\npin = 22\n',
        encoding="utf-8",
    )
    gates, feed = lines_of(faulty, tmp_path)
    assert [(gate.name, gate.pin, gate.active_high) for gate in gates] == [("a", 17, False), ("c", 22, True)]
    assert feed == []


@pytest.mark.parametrize("text", ["", "gates = 3", "[gates]\na = 1", "not toml ["])
def test_a_profile_that_names_no_gate_is_no_fault_of_this_command(tmp_path, text):
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    assert lines_of(tmp_path / "p.toml", None) == ([], [])
    assert lines_of(tmp_path / "absent.toml", tmp_path / "absent") == ([], [])


@pytest.mark.live
@pytest.mark.slow
def test_the_command_drives_the_lines_and_leaves_them_driven_and_loads_nothing_heavy():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as world:
        world.bind(f"{folder}/pins")
        world.listen(1)
        leave_word(settings(), Path(folder))
        done = subprocess.run(
            [sys.executable, "-c", WITNESS, "/nowhere.toml"],
            check=False,
            capture_output=True,
            env={
                **os.environ,
                "GPIOZERO_PIN_FACTORY": "sim",
                "SORTER_SIM_PINS": f"{folder}/pins",
                "RUNTIME_DIRECTORY": folder,
            },
        )
        connection = world.accept()[0]
        heard = [json.loads(line) for line in connection.makefile().readlines()]
        connection.close()
    assert (done.returncode, done.stderr) == (0, b"")
    assert [(edge["line"], edge["level"]) for edge in heard] == [(17, 0), (24, 0)]
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & {"numpy", "cv2", "pydantic", "paho", "ai_edge_litert"}


@pytest.mark.live
@pytest.mark.slow
def test_where_there_is_no_gpio_it_says_so_in_a_line_for_each_and_ends_with_3(tmp_path):
    leave_word(settings(), tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "edge.sort.release", "/nowhere.toml"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "GPIOZERO_PIN_FACTORY": "nonsense", "RUNTIME_DIRECTORY": str(tmp_path)},
    )
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 2
    assert all(line.startswith("sorter: no GPIO:") for line in done.stderr.splitlines())
