"""The systemd unit: accepted by systemd, and in step with what the service says and how it ends."""

import subprocess
from pathlib import Path

import pytest

from edge.errors import BundleFault, CameraFault, GateFault, ProfileFault, UsageFault

UNIT = Path(__file__).parents[2] / "firmware_config" / "systemd" / "sorter.service"
UPDATE = UNIT.with_name("sorter-update.service")

HIGHEST_EXPOSURE = 25
"""In tenths, as `systemd-analyze security` takes it: it has to reach the network, the GPIO and the camera."""


def setting(key: str) -> list[str]:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]


@pytest.mark.systemd
@pytest.mark.parametrize("unit", [UNIT, UPDATE], ids=lambda unit: unit.stem)
def test_systemd_accepts_the_unit_without_a_word(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", unit], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.systemd
@pytest.mark.parametrize("unit", [UNIT, UPDATE], ids=lambda unit: unit.stem)
def test_the_sandbox_leaves_little_open(unit: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={HIGHEST_EXPOSURE}", unit]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_fault_that_stays_is_not_tried_again_and_every_other_is() -> None:
    (given_up,) = setting("RestartPreventExitStatus")
    assert set(given_up.split()) == {str(fault.exit_status) for fault in (ProfileFault, BundleFault, UsageFault)}
    assert not {str(GateFault.exit_status), str(CameraFault.exit_status)} & set(given_up.split())
    assert setting("Restart") == ["on-failure"]
    assert setting("StartLimitIntervalSec") == ["0"]


def test_a_silent_service_is_killed_and_not_asked() -> None:
    assert setting("Type") == ["notify"]
    assert setting("WatchdogSignal") == ["SIGKILL"]
    assert float(setting("WatchdogSec")[0]) <= 5


def test_libcamera_can_listen_for_cameras() -> None:
    assert "AF_NETLINK" in setting("RestrictAddressFamilies")[0]
