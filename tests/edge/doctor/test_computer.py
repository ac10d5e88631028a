"""What the doctor says of a computer, by what the kernel and the firmware say of it."""

from datetime import UTC, datetime

import pytest

from edge.doctor import computer, storage
from edge.doctor.computer import System
from edge.doctor.host import HostReader
from edge.doctor.storage import Room, Wear
from edge.telemetry.host import SYNCHRONISED
from tests.edge.doctor.verdicts import verdict

PI = System("Linux", "6.12.25+rpt-rpi-2712", "aarch64", False, "ondemand")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("flags", "power", "throttling"),
    [
        (0x0, "good", "good"),
        (0x1, "fault", "good"),
        (0x10000, "attention", "good"),
        (0x50005, "fault", "fault"),
        (0x2, "good", "fault"),
        (0x8, "good", "fault"),
        (0x40000, "good", "attention"),
        (0x80000, "good", "attention"),
        (None, "not checked", "not checked"),
    ],
)
def test_the_firmwares_flags_are_power_and_speed_now_and_since_the_start(flags, power, throttling):
    assert verdict(computer.power(flags)) == power
    assert verdict(computer.throttling(flags)) == throttling


@pytest.mark.parametrize(
    ("celsius", "said"), [(54.9, "good"), (70.0, "attention"), (80.0, "fault"), (None, "not checked")]
)
def test_heat_is_attended_to_before_the_computer_slows_down(celsius, said):
    assert verdict(computer.temperature(celsius)) == said


@pytest.mark.parametrize(("free", "said"), [(0.6, "good"), (0.1, "attention"), (0.02, "fault"), (None, "not checked")])
def test_memory_that_runs_out_is_told(free, said):
    assert verdict(computer.memory(free)) == said


@pytest.mark.parametrize(
    ("system", "said"),
    [
        (PI, "good"),
        (System("Linux", "6.12.25", "armv7l", False, None), "fault"),
        (System("Linux", "5.15.84-v8+", "aarch64", False, None), "attention"),
        (System("Linux", "6.12.25", "aarch64", True, "powersave"), "attention"),
        (System("Linux", "rolling", "x86_64", False, None), "good"),
        (System("Darwin", "24.1.0", "arm64", False, None), "not checked"),
    ],
)
def test_the_kernel_must_be_one_that_the_runtime_is_made_for(system, said):
    assert verdict(computer.kernel(system)) == said


def test_a_real_time_kernel_is_named():
    (one,) = computer.kernel(System("Linux", "6.12.25", "aarch64", True, None))
    assert "PREEMPT_RT" in one.what


@pytest.mark.parametrize(
    ("follows", "now", "said"),
    [
        (True, NOW, "good"),
        (False, NOW, "attention"),
        (None, NOW, "not checked"),
        (True, datetime(1970, 1, 1, tzinfo=UTC), "fault"),
        (None, datetime(1970, 1, 1, tzinfo=UTC), "fault"),
    ],
)
def test_a_clock_that_is_not_kept_or_long_past_is_told(follows, now, said):
    assert verdict(computer.clock(follows, now, datetime(2026, 1, 1, tzinfo=UTC))) == said


@pytest.mark.parametrize(
    ("model", "said"),
    [("Raspberry Pi 5 Model B Rev 1.0", "good"), ("Some other board", "not checked"), (None, "not checked")],
)
def test_another_board_is_no_fault_but_is_named(model, said):
    (one,) = computer.board(model)
    assert one.verdict == said
    assert (model or "no Raspberry Pi") in one.what


@pytest.mark.parametrize(
    ("free", "free_bytes", "said"),
    [(0.5, 10**10, "good"), (0.5, 5 * 10**8, "attention"), (0.01, 10**10, "attention"), (0.01, 10**8, "fault")],
)
def test_a_disk_that_fills_is_told_before_it_is_full(tmp_path, free, free_bytes, said):
    assert verdict(storage.room(Room(tmp_path, free, free_bytes))) == said


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (Wear("mmcblk0", 0, 1.5, None, None), "good"),
        (Wear("mmcblk0", 3, 1.5, None, None), "fault"),
        (Wear("mmcblk0", 0, 25.0, None, None), "attention"),
        (Wear("nvme0n1", 0, 25.0, None, None), "good"),  # made for it
        (Wear("mmcblk0", 0, 1.0, 0.9, "0x01"), "attention"),
        (Wear("mmcblk0", 0, 1.0, 1.1, "0x01"), "fault"),
        (Wear("mmcblk0", 0, 1.0, 0.3, "0x02"), "attention"),
        (Wear("mmcblk0", 0, 1.0, 0.3, "0x03"), "fault"),
        (Wear("mmcblk0", None, None, None, None), "not checked"),
        (None, "not checked"),
    ],
)
def test_a_card_that_wears_out_is_told_before_it_fails(reading, said):
    assert verdict(storage.wear(reading)) == said


def pi_files(root):
    """A Pi's, as its kernel shows them."""
    files = {
        "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
        "proc/meminfo": "MemTotal: 1000 kB\nMemAvailable: 400 kB\n",
        "proc/mounts": "proc /proc proc rw 0 0\n/dev/mmcblk0p2 / ext4 rw 0 0\n",
        "proc/uptime": "86400.0 300000.0\n",
        "sys/devices/platform/soc/soc:firmware/get_throttled": "50000\n",
        "sys/class/thermal/thermal_zone0/temp": "61234\n",
        "sys/kernel/realtime": "1\n",
        "sys/fs/ext4/mmcblk0p2/errors_count": "2\n",
        "sys/block/mmcblk0/stat": "1 2 3 4 5 6 2000000 8\n",
        "sys/block/mmcblk0/device/life_time": "0x02 0x03\n",
        "sys/block/mmcblk0/device/pre_eol_info": "0x01\n",
        "sys/block/mmcblk0/mmcblk0p2/partition": "2\n",
        str(SYNCHRONISED): "",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "sys/class/block").mkdir(parents=True)
    (root / "sys/class/block/mmcblk0p2").symlink_to(root / "sys/block/mmcblk0/mmcblk0p2")
    return HostReader(root / "not/there/yet", root)


def test_a_pis_files_are_read(tmp_path):
    host = pi_files(tmp_path)
    assert host.model() == "Raspberry Pi 5 Model B Rev 1.0"
    assert host.flags() == 0x50000
    assert host.system().real_time
    assert host.sensors().temperature_c == 61.2
    assert host.sensors().clock_follows is True
    assert host.room().folder == tmp_path
    assert host.wear() == Wear("mmcblk0", 2, 1.024, 0.3, "0x01")


def test_a_computer_that_says_nothing_is_nowhere_at_fault(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    host = HostReader(tmp_path, tmp_path)
    assert (host.model(), host.flags(), host.wear()) == (None, None, None)
    assert host.sensors().temperature_c is None


def test_files_that_hold_something_else_are_no_readings(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    host = pi_files(tmp_path)
    for name in ("device/life_time", "stat", "device/pre_eol_info"):
        (tmp_path / "sys/block/mmcblk0" / name).write_text("what is this\n", encoding="utf-8")
    (tmp_path / "sys/devices/platform/soc/soc:firmware/get_throttled").write_text("\n", encoding="utf-8")
    (tmp_path / "proc/uptime").write_text("soon\n", encoding="utf-8")
    assert host.flags() is None
    assert host.wear().worn is None
    assert host.wear().gb_a_day is None
