"""What the nspawn machine gets beside what ships: the virtual camera with its film, the world's end of its pins, the
drop-in that points the unit at them. The units themselves stay as they ship."""

import tempfile
from pathlib import Path

from edge.config import load_profile
from tests.nspawn import film, profile
from tests.nspawn.machine import BENCH, Machine, library
from tests.nspawn.rootfs import TREE

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
FITTED = "/etc/systemd/system/sorter.service.d/bench.conf"
FRAMES, CLAIMS_PROGRAM = "/opt/bench/frames", "/opt/bench/claims.py"
ROWS = 6
BOOT, BOOT_TEXT = "/boot/firmware/config.txt", "[pi4]\narm_boost=1\n"
"""Of a firmware that nothing here reads: deploy.sh includes its own in it, and takes it out again."""


def fit(machine: Machine) -> list[film.Fruit]:
    """Before the boot. Returns the film's fruit."""
    machine.copy(BENCH / "python", "/opt/bench/python")
    for name in ("__init__.py", "pins.py"):
        machine.copy(TREE / "sim" / name, f"/opt/bench/python/sim/{name}")
    machine.copy(BENCH / "probe.py", "/opt/bench/probe.py")
    machine.copy(TREE / "tests/contract/camera_claims.py", CLAIMS_PROGRAM)
    machine.copy(BENCH / "virtual.yaml", "/usr/share/libcamera/pipeline/virtual/virtual.yaml")
    with tempfile.TemporaryDirectory() as folder:
        machine.copy(library(Path(folder)), "/opt/bench/dmabuf_shim.so")
    text = profile.text(TREE / "firmware_config/profiles/demo.toml")
    (machine.folder / "profile.toml").write_text(text, encoding="utf-8")
    said = load_profile(machine.folder / "profile.toml")
    fruit = film.fed(said, ROWS)
    film.write(machine.root / FRAMES.lstrip("/"), said, fruit)
    machine.write(BOOT, BOOT_TEXT)
    machine.write(FITTED, DROP_IN.format(frames_hz=round(said.camera.frames_hz)))
    return fruit
