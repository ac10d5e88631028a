"""The update process as it runs on a machine: with the real self-test, over a folder, for real."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.bundle import FACTORY, MANIFEST, load_bundle
from edge.config import load_profile
from edge.sent import choose as choose_profile
from edge.sent import digest_of, note_run, read_sent
from edge.update.store import Store, choose, note_running
from edge.update.trial import FEWEST_FRUIT
from edge.updates import Compared, Figures, Told, read_told, write_compared, write_figures
from tests.edge.bundles import write_bundle
from tests.edge.update.machines import Office, copied
from training.publish.channels import send_profile
from training.publish.clearance import Cleared
from training.publish.releases import point_channel, release_bundle

DEMO = Path(__file__).parents[3] / "firmware_config/profiles/demo.toml"
PATIENCE_S = 60


def profile(folder: Path, office: Office) -> Path:
    """The demo machine, which follows the office."""
    (folder / "root.json").write_bytes(office.root)
    changes = {
        '# source = "https://releases.example/sorter"': f'source = "{office.folder.as_uri()}"',
        'root = "/etc/sorter/root.json"': f'root = "{folder / "root.json"}"',
        'folder = "/var/lib/sorter/update"': f'folder = "{folder / "update"}"',
        "probation_minutes = 30": "probation_minutes = 0.05",
    }
    text = DEMO.read_text(encoding="utf-8")
    for found, wanted in changes.items():
        assert found in text
        text = text.replace(found, wanted)
    (folder / "profile.toml").write_text(text, encoding="utf-8")
    return folder / "profile.toml"


def start(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "edge.update", str(path)], stderr=subprocess.PIPE, text=True)


def wait_for(folder: Path, *states: str) -> Told:
    until = time.monotonic() + PATIENCE_S
    while (told := read_told(folder)) is None or told.state not in states:
        assert time.monotonic() < until, told
        time.sleep(0.05)  # noqa: TID251  # another process is waited for
    return told


@pytest.mark.live
@pytest.mark.slow
def test_a_published_bundle_is_tested_tried_and_kept(tmp_path: Path) -> None:
    office = Office(tmp_path, datetime.now(UTC).replace(microsecond=0))
    factory = load_bundle(FACTORY)
    better = copied(FACTORY, tmp_path / "better") / MANIFEST
    manifest = json.loads(better.read_text(encoding="utf-8"))
    better.write_text(json.dumps(manifest | {"name": "better"}), encoding="utf-8")
    identity = office.publish(tmp_path / "better")
    process = start(profile(tmp_path, office))
    try:
        wait_for(tmp_path / "update", "shadow")
        while not Store(tmp_path / "update").active().candidate:
            time.sleep(0.05)  # noqa: TID251  # another process is waited for
        write_compared(tmp_path / "update", Compared(bundle=identity, beside=factory.identity, fruit=300))
        wait_for(tmp_path / "update", "probation")
        bundle, _ = choose(tmp_path / "update", FACTORY)
        assert bundle.identity == identity
        note_running(tmp_path / "update", identity, "run-1")
        write_figures(tmp_path / "update", Figures(bundle=identity, fruit=FEWEST_FRUIT))
        until = time.monotonic() + PATIENCE_S
        while Store(tmp_path / "update").active().trial:
            assert time.monotonic() < until
            time.sleep(0.05)  # noqa: TID251  # another process is waited for
    finally:
        process.kill()
        process.communicate()
    assert Store(tmp_path / "update").active().bundle == identity


@pytest.mark.live
@pytest.mark.slow
def test_a_bundle_whose_weights_are_no_network_falls_in_its_own_process(tmp_path: Path) -> None:
    office = Office(tmp_path, datetime.now(UTC).replace(microsecond=0))
    office.publish(write_bundle(tmp_path / "hollow"))
    process = start(profile(tmp_path, office))
    try:
        wait_for(tmp_path / "update", "self-test")
        told = wait_for(tmp_path / "update", "idle")
    finally:
        process.kill()
        process.communicate()
    assert told.why == "self-test"
    assert "model.tflite" in told.text
    assert Store(tmp_path / "update").active().slot == "factory"


@pytest.mark.live
@pytest.mark.slow
def test_a_profile_that_was_sent_is_checked_tried_and_kept(tmp_path: Path) -> None:
    office = Office(tmp_path, datetime.now(UTC).replace(microsecond=0))
    path = profile(tmp_path, office)
    repository = office.repository()
    raw = path.read_text(encoding="utf-8").replace("speed_mm_s = 600", "speed_mm_s = 500").encode()
    own = load_profile(path)
    release_bundle(repository, load_bundle(FACTORY), ["line"], "0.1", Cleared())
    point_channel(repository, "stable", load_bundle(FACTORY).identity)
    send_profile(repository, "stable", f"{own.site}/{own.machine}", raw)
    repository.commit()
    folder, process = tmp_path / "update", start(path)
    until = time.monotonic() + PATIENCE_S
    try:
        while not read_sent(folder).trial:
            assert time.monotonic() < until
            time.sleep(0.05)  # noqa: TID251  # another process is waited for
        choice = choose_profile(folder)
        assert choice.path is not None
        assert choice.path.read_bytes() == raw
        note_run(folder, choice, "run-1")
        while read_sent(folder).trial:
            assert time.monotonic() < until
            time.sleep(0.05)  # noqa: TID251  # another process is waited for
    finally:
        process.kill()
        process.communicate()
    assert read_sent(folder).digest == digest_of(raw)


@pytest.mark.live
@pytest.mark.slow
def test_a_second_process_of_one_machine_is_told_to_leave(tmp_path: Path) -> None:
    office = Office(tmp_path, datetime.now(UTC).replace(microsecond=0))
    path = profile(tmp_path, office)
    first = start(path)
    try:
        wait_for(tmp_path / "update", "idle", "check")
        second = start(path)
        _, said = second.communicate(timeout=PATIENCE_S)
        assert (second.returncode, "another update process has it" in said) == (2, True)
    finally:
        first.kill()
        first.communicate()


@pytest.mark.slow
def test_the_line_does_not_load_tuf_and_its_absence_is_one_line(tmp_path: Path) -> None:
    path = profile(tmp_path, Office(tmp_path))
    absent = "import sys; sys.modules.update({'tuf': None, 'urllib3': None})\n"
    line = f"{absent}import edge.app, edge.commands, edge.machine\n"
    agent = (
        f"{absent}from pathlib import Path\nfrom edge.update.__main__ import main\nsys.exit(main(Path({str(path)!r})))"
    )
    done = [
        subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
        for text in (line, agent)
    ]
    assert (done[0].returncode, done[0].stderr) == (0, "")
    assert (done[1].returncode, done[1].stderr) == (2, "sorter: updates need tuf: pip install 'sorter[update]'\n")
