"""`sorter sim` as a user starts it: every process in real time."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge import clock
from edge.bundle import FACTORY
from tests.live.kills import child

ROOT = Path(__file__).parents[2]
MAC = ROOT / "tests" / "mac"
SIM = [sys.executable, "-m", "edge.cli", "sim", "clean"]


def environ(*first: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*first, ROOT))), **more}


def test_a_run_ends_by_itself_and_its_report_adds_up(tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    ran = subprocess.run(
        [*SIM, "--seconds", "3", "--report", report],
        env=environ(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(report.read_text())
    assert found["fruit"] > 10
    assert sum(found["fates"].values()) == found["fruit"]
    assert found["pulses"]["fired"] > 10
    assert "first verdict" in ran.stdout


def test_every_process_runs_where_the_system_has_what_macos_has(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    ran = subprocess.run(
        [*SIM, "--seconds", "3"],
        env=environ(MAC, SORTER_MAC_SEEN=str(seen)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "first verdict" in ran.stdout
    started = seen.read_text()
    for part in ("edge.cli sim", "sim.device", "edge.sort.gates"):
        assert part in started


def test_ctrl_c_ends_it_cleanly_with_status_0_and_leaves_nobody_behind() -> None:
    process = subprocess.Popen(SIM, env=environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any("first verdict" in line for line in process.stdout)
    main = child(process.pid, "sim.device")
    gates = child(main, "edge.sort.gates")
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert told == ""
    assert not is_running(main)
    assert not is_running(gates)


def test_a_device_that_is_told_to_stop_ends_the_run_and_the_report_counts_what_has_fallen(tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    process = subprocess.Popen([*SIM, "--report", report], env=environ(), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any("first verdict" in line for line in process.stdout)
    os.kill(child(process.pid, "sim.device"), signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0
    found = json.loads(report.read_text())
    assert sum(found["fates"].values()) == found["fruit"]


def test_a_world_that_is_killed_takes_its_device_with_it() -> None:
    process = subprocess.Popen(SIM, env=environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    assert any("first verdict" in line for line in process.stdout)
    main = child(process.pid, "sim.device")
    left = {main, child(main, "edge.sort.gates")}
    process.kill()
    process.communicate(timeout=30)
    deadline_ns = clock.now_ns() + 30_000_000_000
    while left and clock.now_ns() < deadline_ns:
        clock.sleep_until(clock.now_ns() + 100_000_000)
        left = {pid for pid in left if is_running(pid)}
    assert not left


def test_a_bundle_that_the_device_cannot_run_ends_it_with_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(FACTORY, broken)
    (broken / "model.tflite").write_bytes(b"not a network")
    manifest = json.loads((broken / "bundle.json").read_text())
    manifest["files"]["model.tflite"] = hashlib.sha256(b"not a network").hexdigest()
    (broken / "bundle.json").write_text(json.dumps(manifest))
    ran = subprocess.run(
        [*SIM, "--bundle", broken], env=environ(), capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert "the device did not start" in ran.stderr
    assert str(broken) in ran.stderr


@pytest.mark.parametrize("wrong", [("--bundle", "nowhere"), ("--fruit-images", "nowhere"), ("nothing",)], ids=str)
def test_a_wrong_question_is_refused_before_anything_starts(wrong: tuple[str, ...]) -> None:
    command = SIM[:-1] if wrong == ("nothing",) else SIM
    ran = subprocess.run([*command, *wrong], env=environ(), capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert wrong[-1] in ran.stderr
    assert ran.stdout == ""


def is_running(pid: int) -> bool:
    """A dead process that nobody has buried yet does not run."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()[:1] not in ("", "Z")


def test_the_stand_in_for_macos_takes_away_what_it_says() -> None:
    code = (
        "import io, os, pathlib, time\n"
        "gone = ('sched_getaffinity', 'sched_setscheduler', 'eventfd', 'memfd_create')\n"
        "assert not [name for name in gone if hasattr(os, name)]\n"
        "assert not hasattr(time, 'CLOCK_BOOTTIME')\n"
        "for way in (open, io.open, lambda p: os.open(p, os.O_RDONLY), lambda p: pathlib.Path(p).read_text()):\n"
        "    try: way('/proc/self/status')\n"
        "    except FileNotFoundError: continue\n"
        "    raise SystemExit(way)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], env=environ(MAC), check=False).returncode == 0
