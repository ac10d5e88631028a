"""The systemd units: accepted by systemd, and in step with what the service says and how it ends."""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from edge.errors import BundleFault, CameraFault, GateFault, ProfileFault, UsageFault

FIRMWARE = Path(__file__).parents[2] / "firmware_config"
UNIT = FIRMWARE / "systemd" / "sorter.service"
UPDATE = UNIT.with_name("sorter-update.service")
TIMER = UNIT.with_name("sorter-update.timer")

HIGHEST_EXPOSURE = 25
"""In tenths, as `systemd-analyze security` takes it: it has to reach the network, the GPIO and the camera."""


def setting(key: str, unit: Path = UNIT) -> list[str]:
    lines = unit.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]


@pytest.mark.systemd
@pytest.mark.parametrize("unit", [UNIT, UPDATE, TIMER], ids=lambda unit: unit.name)
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


def test_sixty_starts_in_vain_start_the_computer_again() -> None:
    limits = [setting(f"StartLimit{what}") for what in ("IntervalSec", "Burst", "Action")]
    assert limits == [["10min"], ["60"], ["reboot"]]


def test_a_silent_service_is_killed_and_not_asked() -> None:
    assert setting("Type") == ["notify"]
    assert setting("WatchdogSignal") == ["SIGKILL"]
    assert float(setting("WatchdogSec")[0]) <= 5


def test_libcamera_can_listen_for_cameras() -> None:
    assert "AF_NETLINK" in setting("RestrictAddressFamilies")[0]


def test_no_port_is_taken_but_the_scrapers_and_those_that_are_lent() -> None:
    demo = (FIRMWARE / "profiles/demo.toml").read_text(encoding="utf-8")
    (port,) = re.findall(r"^# openmetrics_port = (\d+)", demo, re.MULTILINE)
    assert setting("SocketBindAllow") == [f"ipv4:tcp:{port}"]
    assert setting("SocketBindAllow", UPDATE) == []
    # `any` takes port 0 away too: paho and urllib3 need one of those, and no rule can name it.
    assert setting("SocketBindDeny") == setting("SocketBindDeny", UPDATE) == ["1-65535"]


def test_however_it_ends_the_gates_are_released_by_the_same_environment_and_profile() -> None:
    (started,), (after,) = setting("ExecStart"), setting("ExecStopPost")
    assert after == f"-/usr/bin/env python -m edge.sort.release {started.split()[-1]}"
    assert find_spec("edge.sort.release")


def test_the_gate_process_may_have_the_priority_and_the_memory_that_it_asks_for() -> None:
    assert int(setting("LimitRTPRIO")[0]) >= 50
    assert setting("LimitMEMLOCK") == ["infinity"]
    assert setting("RestrictRealtime") == ["no"]
    assert setting("CapabilityBoundingSet") == [""]


def test_lgpio_may_make_its_fifo_and_the_outbox_its_journal_in_a_folder_that_a_crash_leaves() -> None:
    (folder,) = setting("RuntimeDirectory")
    assert setting("WorkingDirectory") == [f"/run/{folder}"]
    assert setting("RuntimeDirectoryPreserve") == ["restart"]


def test_the_devices_are_those_that_udev_gives_to_the_groups_that_the_service_is_lent() -> None:
    assert setting("DevicePolicy") == ["closed"]
    allowed = {line.split()[0].removeprefix("char-").removeprefix("/dev/") for line in setting("DeviceAllow")}
    assert allowed == {"gpiochip", "media", "video4linux", "dma_heap", "vcio"}
    rules = [line for line in (FIRMWARE / "udev/60-sorter.rules").read_text(encoding="utf-8").splitlines() if line]
    ruled = {}
    for rule in (line for line in rules if not line.startswith("#")):
        keys = dict(re.findall(r'(\w+)=?="([^"]+)"', rule))
        assert keys["MODE"] == "0660"
        ruled[keys.get("KERNEL", keys.get("SUBSYSTEM", "")).rstrip("*")] = keys["GROUP"]
    assert set(ruled) == allowed
    lent = set(setting("SupplementaryGroups")[0].split())
    assert set(ruled.values()) == lent
    made = re.findall(r"^g (\w+)", (FIRMWARE / "sysusers/sorter.conf").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(made) == lent


def test_the_update_process_is_started_by_its_timer_once_the_line_has_started() -> None:
    assert setting("OnBootSec", TIMER)
    assert setting("OnUnitInactiveSec", TIMER)
    assert setting("WantedBy", TIMER) == ["timers.target"]
    assert setting("WantedBy", UPDATE) == []
    for shared in ("DynamicUser", "User", "StateDirectory", "ConfigurationDirectory"):
        assert setting(shared, UPDATE) == setting(shared) != []


def test_the_hardware_watchdog_is_switched_on_and_fed_within_what_it_can_count() -> None:
    assert "dtparam=watchdog=on" in (FIRMWARE / "boot/config.txt").read_text(encoding="utf-8").splitlines()
    (fed,) = setting("RuntimeWatchdogSec", UNIT.with_name("watchdog.conf"))
    assert int(fed.removesuffix("s")) < 15
