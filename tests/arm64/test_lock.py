"""The device's lock on aarch64, for both Pythons of a Pi: installed by each system's own pip (see make.py)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.arm64.place import LOCK, TARGETS, Target

pytestmark = [pytest.mark.arm64, pytest.mark.slow, pytest.mark.timeout(900)]
each_system = pytest.mark.parametrize("target", TARGETS, ids=[f"python-{target.python}" for target in TARGETS])


def tags(packages: Path) -> Iterator[tuple[str, list[str]]]:
    for wheel in packages.glob("*.dist-info/WHEEL"):
        yield wheel.parent.name, re.findall(r"^Tag: (\S+)$", wheel.read_text(), re.MULTILINE)


@each_system
def test_all_of_it_came_as_a_wheel_for_that_system(target: Target) -> None:
    cpython = target.python.replace(".", "")
    fits = re.compile(rf"(py3-none-any)|((cp{cpython}-cp{cpython}|cp3\d+-abi3)-manylinux\w+_aarch64)")
    found = dict(tags(target.packages))
    assert len(found) == len(list(target.packages.glob("*.dist-info")))
    assert [name for name, given in found.items() if not any(map(fits.fullmatch, given))] == []


@each_system
def test_each_system_got_the_version_that_the_lock_names_for_it(target: Target) -> None:
    locked = re.findall(r"^([a-z0-9-]+)==([^ ]+)", LOCK.read_text(), re.MULTILINE)
    installed = {
        re.sub(r"[_.]", "-", name.lower()): version
        for name, version in (path.stem.rsplit("-", 1) for path in target.packages.glob("*.dist-info"))
    }
    assert set(installed.items()) <= set(locked)
    assert installed.keys() == {name for name, _ in locked} - {"colorama"}  # which is for Windows


@each_system
def test_nothing_that_it_needs_is_missing(target: Target) -> None:
    told = target.run([target.pip, "check"])
    assert (told.returncode, told.stdout) == (0, "No broken requirements found.\n"), told.stderr


@each_system
def test_the_devices_own_program_runs_there(target: Target) -> None:
    modules = "import edge.app, edge.commands, edge.sort.gates, edge.telemetry.telemetry, edge.update.__main__"
    told = target.run(["-c", modules])
    assert told.returncode == 0, told.stderr
    checked = (
        "from pathlib import Path; from edge.commands import check; check(Path('firmware_config/profiles/demo.toml'))"
    )
    told = target.run(["-c", checked])
    assert told.returncode == 0, told.stderr
    assert "demo.toml is good" in told.stdout


@each_system
def test_the_jpeg_codec_that_picamera2_loads_fits_the_numpy_beside_it(target: Target) -> None:
    """Bookworm's own was built for NumPy 1, and picamera2 does not load with it beside NumPy 2."""
    code = (
        "import numpy as np, simplejpeg; picture = np.full((16, 16, 3), 90, np.uint8); "
        "assert simplejpeg.decode_jpeg(simplejpeg.encode_jpeg(picture)).shape == picture.shape; "
        "assert int(np.__version__.split('.')[0]) >= 2"
    )
    told = target.run(["-c", code])
    assert told.returncode == 0, told.stderr
