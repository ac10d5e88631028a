"""What the nspawn machine gets beside what ships: the virtual camera with its film, the world's end of its pins, the
drop-in that points the unit at them. The units themselves stay as they ship."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from edge.config import load_profile
from tests.nspawn import film, profile
from tests.nspawn.machine import BENCH, Machine, library
from tests.nspawn.rootfs import TREE, wheels

DROP_IN = """\
# The test's: no dma-buf, no camera and no GPIO here, and stand-ins for them. It takes nothing from the sandbox.
[Service]
Environment=LD_PRELOAD=/opt/bench/dmabuf_shim.so
Environment=PYTHONPATH=/opt/bench/python
Environment=BENCH_FRAMES_HZ={frames_hz}
Environment=GPIOZERO_PIN_FACTORY=sim
Environment=SORTER_SIM_PINS=/run/bench/pins
Environment=LIBCAMERA_LOG_LEVELS=*:ERROR
"""
ROWS = 6


def fit(machine: Machine) -> list[film.Fruit]:
    """Before the boot. Returns the film's fruit."""
    machine.copy(BENCH / "python", "/opt/bench/python")
    for name in ("__init__.py", "pins.py"):
        machine.copy(TREE / "sim" / name, f"/opt/bench/python/sim/{name}")
    machine.copy(BENCH / "virtual.yaml", "/usr/share/libcamera/pipeline/virtual/virtual.yaml")
    with tempfile.TemporaryDirectory() as folder:
        machine.copy(library(Path(folder)), "/opt/bench/dmabuf_shim.so")
    text = profile.text(TREE / "firmware_config/profiles/demo.toml")
    machine.write("/etc/sorter/profile.toml", text)
    said = load_profile(machine.root / "etc/sorter/profile.toml")
    fruit = film.fed(said, ROWS)
    film.write(machine.root / "opt/bench/frames", said, fruit)
    machine.write(
        "/etc/systemd/system/sorter.service.d/bench.conf", DROP_IN.format(frames_hz=round(said.camera.frames_hz))
    )
    return fruit


def wheel(folder: Path) -> Path:
    """The device's wheel: `edge` and `firmware_config`, nothing else."""
    stage = folder / "stage"
    for part in ("edge", "firmware_config"):
        shutil.copytree(TREE / part, stage / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy2(TREE / name, stage)
    command = (
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder,
        stage,
    )
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


def install(machine: Machine) -> None:
    """The release, the units and the groups, as they ship. After the boot."""
    with tempfile.TemporaryDirectory() as folder:
        machine.copy(wheel(Path(folder)), "/root/wheel/")
    machine.copy(wheels(), "/root/wheels")
    for unit in (TREE / "firmware_config/systemd").glob("sorter*"):
        machine.copy(unit, f"/etc/systemd/system/{unit.name}")
    machine.copy(TREE / "firmware_config/sysusers/sorter.conf", "/etc/sysusers.d/sorter.conf")
    machine.run("systemd-sysusers")
    machine.run("python3", "-m", "venv", "--system-site-packages", "/opt/sorter/releases/first", timeout=120)
    machine.run("ln", "-sfn", "releases/first", "/opt/sorter/current")
    pip = ("/opt/sorter/current/bin/pip", "install", "--quiet", "--no-index")
    machine.run(*pip, "--require-hashes", "--find-links=/root/wheels", "-r", "/root/wheels/lock.txt", timeout=300)
    machine.run("sh", "-c", f"{' '.join(pip)} --no-deps /root/wheel/*.whl", timeout=60)
    machine.run("systemctl", "daemon-reload")
