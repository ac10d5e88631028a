from pathlib import Path

from edge.telemetry.host import EVERY_NS, Host, HostSensor


def a_root(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return folder


def read(root: Path, disk: Path | None = None) -> Host:
    sensor = HostSensor(disk or root, root)
    sensor.step(0)
    return sensor.latest


def test_a_computer_that_says_nothing_is_not_made_up(tmp_path):
    said = read(tmp_path)
    assert (said.temperature_c, said.memory_free, said.clock_follows) == (None, None, None)


def test_the_hottest_zone_counts(tmp_path):
    zones = {f"sys__class__thermal__thermal_zone{n}__temp": text for n, text in enumerate(("48312\n", "61250\n", ""))}
    assert read(a_root(tmp_path, **zones)).temperature_c == 61.2


def test_memory_is_what_programs_can_still_have(tmp_path):
    text = "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    2000000 kB\nHugePages:\n"
    assert read(a_root(tmp_path, proc__meminfo=text)).memory_free == 0.25


def test_a_disk_has_room_in_bytes_and_as_a_share(tmp_path):
    said = read(tmp_path)
    assert 0 <= said.disk_free <= 1
    assert said.disk_free_bytes >= 0
    assert read(tmp_path, tmp_path / "gone").disk_free is None


def test_a_clock_follows_once_its_service_has_said_so(tmp_path):
    (tmp_path / "run/systemd/timesync").mkdir(parents=True)
    assert read(tmp_path).clock_follows is False
    (tmp_path / "run/systemd/timesync/synchronized").touch()
    assert read(tmp_path).clock_follows is True


def test_the_files_are_read_now_and_then_only(tmp_path):
    sensor = HostSensor(tmp_path, tmp_path)
    sensor.step(0)
    a_root(tmp_path, sys__class__thermal__thermal_zone0__temp="50000\n")
    sensor.step(EVERY_NS - 1)
    assert sensor.latest.temperature_c is None
    sensor.step(EVERY_NS)
    assert sensor.latest.temperature_c == 50.0
