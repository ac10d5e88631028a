"""Tiers: tests that need more than Python. What is missing is skipped and named at the end, with what would bring it.

Where CI is set, a tier that was skipped is a failure.
"""

import importlib.util
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from edge.telemetry.messages import ADAPTERS, SCHEMAS, Message, Writer
from tests.arm64 import place as arm64
from tests.homeassistant.place import HOMEASSISTANT
from tests.qemu import place as qemu
from tests.sparkplug.place import DECODER
from tests.tflite.place import TFLITE

settings.register_profile("sorter", derandomize=True, deadline=None, database=None)
settings.load_profile("sorter")

SKIPPED = "tier "


def _has_programs(*names: str) -> bool:
    # Debian keeps daemons where a user's PATH does not look.
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    return all(shutil.which(name, path=path) for name in names)


TIERS = {
    "mosquitto": (
        lambda: _has_programs("mosquitto", "mosquitto_sub", "mosquitto_pub"),
        "apt install mosquitto mosquitto-clients",
    ),
    "photographs": (
        lambda: Path(os.environ.get("SORTER_DATA", "/nowhere")).is_dir(),
        "SORTER_DATA=folder of photographs",
    ),
    "tensorflow": (lambda: importlib.util.find_spec("tensorflow") is not None, "make training"),
    "mitsuba": (lambda: importlib.util.find_spec("mitsuba") is not None, "pip install mitsuba, where there is one"),
    "prometheus": (lambda: _has_programs("prometheus"), "apt install prometheus"),
    "chromium": (
        lambda: any(map(_has_programs, ("chromium", "chromium-browser", "google-chrome"))),
        "apt install chromium",
    ),
    "sparkplug": (DECODER.is_dir, "make sparkplug, with npm"),
    "homeassistant": (HOMEASSISTANT.is_file, "make homeassistant PYTHON=python3.13"),
    "tflite": (TFLITE.is_file, "make tflite PYTHON=python3.11"),
    "qemu": (qemu.is_made, "make qemu, with mmdebstrap and qemu-system-x86"),
    "arm64": (arm64.is_made, "make arm64, with mmdebstrap"),
    "node": (lambda: _has_programs("node", "npm"), "apt install nodejs npm"),
    "nspawn": (
        lambda: (
            os.geteuid() == 0
            and _has_programs("systemd-nspawn", "mmdebstrap", "nsenter", "ip", "gcc", "ssh", "rsync", "mosquitto_sub")
        ),
        "as root, apt install systemd-container mmdebstrap iproute2 gcc openssh-client rsync mosquitto-clients",
    ),
    "shellcheck": (lambda: _has_programs("shellcheck"), "apt install shellcheck"),
    "systemd": (lambda: _has_programs("systemd-analyze"), "apt install systemd"),
}
"""Marker to whether it can run here, and what would make it."""


@pytest.fixture(autouse=True, scope="session")
def _every_message_is_held_to_its_schema() -> Iterator[None]:
    """Whatever a test or the simulator beside it says to a broker, from the first message to the last."""
    encode = Writer.encode
    names = {shape: set(ADAPTERS[shape].json_schema(mode="serialization")["properties"]) for shape in ADAPTERS}
    shapes = {f"sorter.{name}/1": shape for name, shape in SCHEMAS.items()}

    def held(message: Message) -> Message:
        said = json.loads(message.payload)
        shape = shapes[said["schema"]]
        ADAPTERS[shape].validate_json(message.payload, strict=True)
        assert said.keys() == names[shape], said["schema"]
        return message

    Writer.encode = lambda self, said: held(encode(self, said))
    yield
    Writer.encode = encode


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = {name: remedy for name, (is_here, remedy) in TIERS.items() if not is_here()}
    for item in items:
        for name in missing.keys() & {mark.name for mark in item.iter_markers()}:
            item.add_marker(pytest.mark.skip(reason=f"{SKIPPED}{name}: {missing[name]}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = Counter(_skipped_tiers(terminalreporter))
    for reason, tests in sorted(skipped.items()):
        name, _, remedy = reason.removeprefix(SKIPPED).partition(": ")
        terminalreporter.write_line(f"tier {name}: {tests} skipped; to run: {remedy}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    is_complete = not any(_skipped_tiers(reporter)) if reporter else True
    if os.environ.get("CI") and not is_complete and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _skipped_tiers(reporter: pytest.TerminalReporter) -> Iterator[str]:
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        if SKIPPED in reason:
            yield reason.removeprefix("Skipped: ")
