"""picamera2's known traps on the real one: stock picamera2 on libcamera's virtual camera, in the service's sandbox."""

import shutil
from collections.abc import Iterator

import pytest

from tests.contract.camera_claims import CLAIMS
from tests.nspawn import film
from tests.nspawn.fitted import CLAIMS_PROGRAM, FRAMES
from tests.nspawn.instead import said_instead
from tests.nspawn.line import Line

RED_AT = (24, 456)
"""Beside the lanes."""


@pytest.fixture
def patched(line: Line) -> Iterator[Line]:
    """The service is stopped, and the film has a red patch in each picture."""
    frames, kept = line.machine.root / FRAMES.lstrip("/"), line.machine.folder / "film"
    line.sorts()
    line.machine.run("systemctl", "stop", "sorter")
    shutil.copytree(frames, kept)
    film.patch(frames, RED_AT)
    yield line
    shutil.copytree(kept, frames, dirs_exist_ok=True)
    line.machine.run("systemctl", "start", "sorter")
    line.sorts(60)


def test_every_claim_of_a_camera_holds_of_stock_picamera2(patched: Line) -> None:
    program = " ".join((CLAIMS_PROGRAM, "/etc/sorter/profile.toml", *map(str, RED_AT)))
    assert said_instead(patched.machine, "claims", program) == {claim.__name__: None for claim in CLAIMS}
