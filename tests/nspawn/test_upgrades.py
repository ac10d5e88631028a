"""deploy.sh over ssh, after the first install: upgrades, those that fail, the way back, and nothing left at the end."""

from pathlib import Path

import pytest

from tests.nspawn.cut import Cut, current, cut_off, releases, tree
from tests.nspawn.fitted import BOOT, BOOT_TEXT
from tests.nspawn.line import Line
from tests.nspawn.rootfs import TREE

WIRING = ("gpio=5,6,17,18,22,23,24,25=op,dl,pd",)
"""The demo's gates, driven low."""


@pytest.fixture
def first(line: Line) -> str:
    line.sorts()
    return current(line)


def test_the_boot_settings_are_those_that_ship_with_this_machines_wiring_whatever_filter_they_come_behind(
    line: Line, first: str
) -> None:
    boot = line.machine.root / BOOT.lstrip("/")
    assert boot.read_text(encoding="utf-8").removeprefix(BOOT_TEXT).split("\n", 1)[1] == "[all]\ninclude sorter.txt\n"
    written = boot.with_name("sorter.txt").read_text(encoding="utf-8").splitlines()
    ships = (TREE / "firmware_config/boot/config.txt").read_text(encoding="utf-8").splitlines()
    assert [row for row in ships if not row.startswith("gpio=")] == written[: -len(WIRING)]
    assert tuple(written[-len(WIRING) :]) == WIRING


def test_the_command_is_there_by_its_name_and_knows_that_the_service_holds_the_gates(line: Line, first: str) -> None:
    command = "/usr/local/bin/sorter"
    assert "is good" in line.machine.run(command, "check", "/etc/sorter/profile.toml").stdout
    done = line.machine.run(command, "setup", check=False)
    assert (done.returncode, "sudo systemctl stop sorter" in done.stdout + done.stderr) == (2, True), done


def test_the_same_again_changes_nothing_whoever_with_sudo_does_it(line: Line, first: str) -> None:
    before = line.main()
    with line.machine.user():
        told = line.deploy("--profile", line.machine.folder / "profile.toml", to="sorter-user").stdout
    assert "nothing to do" in told
    assert (line.main(), current(line)) == (before, first)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(line: Line, first: str, tmp_path: Path) -> None:
    told = line.deploy("--dry-run", tree=tree(tmp_path / "tree", edge__turn="# another")).stdout
    assert f"beside {first}" in told
    assert (current(line), releases(line)) == (first, {first})


def test_a_release_that_fails_its_check_never_runs_and_the_old_one_sorts_on(
    line: Line, first: str, tmp_path: Path
) -> None:
    before = line.main()
    broken = tree(tmp_path / "tree", edge__preflight="raise RuntimeError('broken on purpose')")
    done = line.deploy(tree=broken, check=False)
    assert (done.returncode, "do not fit" in done.stdout + done.stderr) == (1, True), done.stdout[-2000:]
    assert (line.main(), current(line)) == (before, first)
    line.sorts()


def test_an_upgrade_that_is_cut_off_leaves_the_old_one_sorting_and_goes_through_the_next_time(
    line: Line, first: str, tmp_path: Path
) -> None:
    upgrade = tree(tmp_path / "tree", edge__turn="# another")
    before = line.main()
    assert cut_off(line, Cut("there", "what the lock names", 0.5), upgrade)
    assert (line.main(), current(line)) == (before, first)
    line.sorts()
    line.deploy(tree=upgrade)
    line.sorts()
    assert current(line) != first
    assert releases(line) == {first, current(line)}


def test_a_release_that_dies_is_taken_back(line: Line, first: str, tmp_path: Path) -> None:
    dies = tree(tmp_path / "tree", edge__app="def run(machine):\n    raise SystemExit(3)")
    done = line.deploy(tree=dies, check=False)
    assert (done.returncode, "did not prove itself" in done.stdout) == (1, True), done.stdout[-2000:]
    line.sorts()
    assert current(line) == first
    assert "trial" not in line.machine.run("ls", "/opt/sorter").stdout


def test_the_way_back_is_one_command(line: Line, first: str) -> None:
    (before,) = releases(line) - {first}
    line.deploy("--rollback")
    line.sorts()
    assert (current(line), releases(line)) == (before, {before, first})


def test_nothing_is_left(line: Line, first: str) -> None:
    line.deploy("--uninstall")
    assert line.left() == set()
    assert (line.machine.root / BOOT.lstrip("/")).read_text(encoding="utf-8") == BOOT_TEXT
    assert "gpio" not in line.machine.run("getent", "group").stdout
    assert "sorter" not in line.machine.run("systemctl", "list-unit-files", "--no-pager").stdout
