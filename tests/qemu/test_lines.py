"""The device's two processes on stock gpiozero, stock lgpio and a kernel's GPIO, under emulation: which lines fall, and
by the guest's own clock within which limit. That is what is proven: the function, not a Pi's own times."""

import shutil
from collections.abc import Callable
from compileall import compile_dir
from py_compile import PycInvalidationMode
from typing import Any

import pytest

from edge.bundle import FACTORY, load_bundle
from edge.config import load_profile
from tests.qemu import sights
from tests.qemu.archive import Archive
from tests.qemu.guest import GATE_PIN, SHIPPED, TRIALS
from tests.qemu.place import CHECKOUT, run

pytestmark = [pytest.mark.qemu, pytest.mark.slow, pytest.mark.timeout(900)]

SKIN, LABEL = "builtin/held/red-001", "red"
"""A fruit that no bundle learned from, whose gate is `tests.qemu.guest.GATE_PIN`."""
HEARTBEAT_MS = load_profile(CHECKOUT / SHIPPED.relative_to("/mnt")).safety.heartbeat_ms
AT_ONCE_MS = HEARTBEAT_MS / 2
"""A line that falls so early has waited for no limit. The emulated kernel takes some 25 ms to take a process apart."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    code = tmp_path_factory.mktemp("guest") / "code.cpio"
    root = tmp_path_factory.mktemp("code")
    for folder in ("edge", "firmware_config/profiles", "tests/qemu"):
        shutil.copytree(CHECKOUT / folder, root / folder, ignore=shutil.ignore_patterns("bundles", "__pycache__"))
    (root / "tests/__init__.py").touch()
    sights.record(CHECKOUT / SHIPPED.relative_to("/mnt"), SKIN, root / "tests/qemu" / sights.SIGHTS.name)
    # What the guest need not compile; of another Python's it takes no notice.
    compile_dir(root, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    with code.open("wb") as out:
        archive = Archive(out)
        archive.tree(root, "mnt")
        archive.close()
    return {trial.pop("trial"): trial for trial in run(code, 800)}


def test_every_trial_came_to_its_end(told: dict[str, dict[str, Any]]) -> None:
    assert list(told) == list(TRIALS)
    assert {name: trial["failed"] for name, trial in told.items() if "failed" in trial} == {}


def test_no_gate_rises_before_it_is_asked_to_and_none_with_a_cut_stop_cable(told: dict[str, dict[str, Any]]) -> None:
    trial = told["first start"]
    assert trial["cut"]["result"] == "refused"
    assert trial["freed"] is not None
    assert trial["rose_unasked"] == []
    assert trial["opened"]
    assert (trial["status"], trial["said"]) == (0, "")


@pytest.mark.parametrize(
    ("trial", "most_ms"),
    [
        ("main hung", HEARTBEAT_MS + 200),
        ("gate process hung", HEARTBEAT_MS + 200),
        ("main killed", AT_ONCE_MS),
        ("gate process killed", AT_ONCE_MS),
    ],
)
def test_an_open_gates_line_falls_in_time_and_stays_low(
    trial: str,
    most_ms: float,
    told: dict[str, dict[str, Any]],
    record_property: Callable[[str, object], None],
) -> None:
    one = told[trial]
    record_property(trial, one["low_after_ms"])
    assert one["was_open"]
    assert one["low_after_ms"] is not None and one["low_after_ms"] <= most_ms, one
    assert one["rose_again"] == []


def test_main_says_whose_silence_ended_it(told: dict[str, dict[str, Any]]) -> None:
    assert "no heartbeat from the main process" in told["main hung"]["said"]
    assert "silent for" in told["gate process hung"]["said"]
    assert "ended with exit status -9" in told["gate process killed"]["said"]


def test_a_second_process_is_told_that_the_line_is_busy_and_harms_nothing(told: dict[str, dict[str, Any]]) -> None:
    trial = told["second process"]
    assert trial["refused"]["status"] == 3
    assert "cannot be claimed" in trial["refused"]["said"] and "busy" in trial["refused"]["said"]
    assert trial["opened"]
    assert trial["said"] == ""


def test_the_emergency_stop_releases_at_once_and_a_bouncing_contact_is_one_press(
    told: dict[str, dict[str, Any]],
) -> None:
    trial = told["emergency stop"]
    assert trial["was_open"]
    assert trial["low_after_ms"] is not None and trial["low_after_ms"] <= AT_ONCE_MS, trial
    assert (trial["presses"], trial["releases"]) == (1, 1)
    assert trial["refused"] is not None and trial["held"]
    assert trial["opened_again"]


@pytest.mark.parametrize("trial", ["gate process hung", "main killed", "gate process killed"])
def test_after_each_restart_no_line_rises_until_a_pulse_asks_for_it(
    trial: str, told: dict[str, dict[str, Any]]
) -> None:
    assert told[trial]["rose_unasked"] == []
    assert told[trial]["was_open"]


def test_after_a_restart_the_first_line_to_rise_is_the_first_graded_fruits(told: dict[str, dict[str, Any]]) -> None:
    trial = told["restarted"]
    assert trial["rose_unasked"] == []
    assert trial["verdict"] is not None, trial
    about = {name: trial["verdict"][name] for name in ("label", "outlet", "reason", "bundle")}
    assert about == {"label": LABEL, "outlet": LABEL, "reason": "graded", "bundle": load_bundle(FACTORY).identity}
    assert trial["opened"]
    assert trial["high"] == [GATE_PIN]
    profile = load_profile(CHECKOUT / SHIPPED.relative_to("/mnt"))
    open_ms = profile.sort.window_mm / profile.belt.speed_mm_s * 1e3
    assert trial["low_after_ms"] is not None and trial["low_after_ms"] <= open_ms, trial
    assert (trial["outcome"]["result"], trial["outcome"]["gate"]) == ("fired", "red_0")
    assert trial["rose_again"] == []


def test_the_services_own_end_leaves_no_line_high(told: dict[str, dict[str, Any]]) -> None:
    trial = told["restarted"]
    assert (trial["status"], trial["said"]) == (0, "")
    assert trial["high_at_the_end"] == []
