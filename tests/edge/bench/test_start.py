"""`sorter bench start`: the service as it is started, and what is on the device."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.bench import start
from edge.bench.service import FIRST_VERDICT, Service
from edge.cli import main
from edge.datapath import Verdict
from edge.errors import MachineFault
from edge.log import StatsLine, start_log

ROOT = Path(__file__).parents[3]
ABSENT = ("tensorflow", "keras", "matplotlib", "sim", "training", "plant", "dashboard", "duckdb", "pyarrow", "amqtt")

# Loads every module of the device with all that it must not need taken away, then checks a profile.
WITHOUT = f"""
import importlib, pkgutil, sys
sys.modules.update(dict.fromkeys({ABSENT!r}))
import edge
from edge.errors import SorterError
for found in pkgutil.walk_packages(edge.__path__, "edge."):
    if not found.name.endswith(".__main__"):
        importlib.import_module(found.name)
from edge.cli import main
raise SystemExit(main(["check", sys.argv[1]]))
"""


@pytest.mark.live
@pytest.mark.slow
def test_the_bench_tells_all_that_it_says_it_measures() -> None:
    figures = start.bench(seconds=0.2, starts=1)
    assert set(figures) >= {"import_s", "first_verdict_s", "rss_mb", "ready_s", "installed_mb", "installed"}
    assert figures["import_s"] > 0  # taken in a run of its own: on a shared machine it may outlast the start
    assert 0 < figures["ready_s"] <= figures["first_verdict_s"]  # two moments of one start
    assert set(figures["rss_mb"]) == {"main", "gates"}
    assert 0 < figures["rss_mb"]["gates"] < figures["rss_mb"]["main"]
    json.dumps(figures)


@pytest.mark.live
@pytest.mark.slow
def test_a_service_that_cannot_start_is_told_of_by_its_own_last_line(tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text("site = 3\n", encoding="utf-8")
    with pytest.raises(MachineFault, match=r"the service grades no fruit: .*profile\.toml"), Service(profile):
        pass


def test_the_log_says_once_when_the_first_fruit_is_graded(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(sys.stderr)
    line = StatsLine()
    for reason in ("doubtful", "graded", "graded"):
        line.put(Verdict("r.1", "red", 0.9, 0.0, (0, 0, 1, 0), "red", reason, 1, "b", "p"))
    assert capsys.readouterr().err.count(FIRST_VERDICT) == 1


def test_seconds_are_for_the_bench_that_takes_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "pipeline", "--seconds", "3"]) == 2
    assert capsys.readouterr().err == "sorter: pipeline: takes no --seconds; leave it out\n"


def test_neither_tensorflow_nor_matplotlib_nor_the_simulators_needs_are_installed_on_a_device() -> None:
    lock = (ROOT / "locks" / "device.txt").read_text(encoding="utf-8")
    locked = {line.partition("==")[0].lower() for line in lock.splitlines() if "==" in line and not line[0].isspace()}
    assert {"numpy", "opencv-python-headless", "ai-edge-litert", "gpiozero", "tuf"} <= locked
    assert not locked & set(ABSENT)
    assert not {name for name in locked if "tensorflow" in name}
    wanted = set(start.needed())
    assert {"numpy", "opencv-python-headless"} <= wanted
    assert wanted <= locked


def test_what_is_installed_is_counted_by_its_parts() -> None:
    sizes = dict(start.installed())
    assert sizes["sorter"] > 1
    assert sizes["numpy"] > 10
    assert not set(sizes) & set(ABSENT)


@pytest.mark.slow
def test_every_module_of_the_device_loads_where_those_are_not_there() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(ROOT / "firmware_config/profiles/one-lane.toml")],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert "one-lane.toml is good" in done.stdout
