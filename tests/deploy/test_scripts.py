"""deploy.sh before it reaches a machine: its words for a wrong question, its scripts, its lock for one target."""

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

TREE = Path(__file__).parents[2]
SCRIPTS = [TREE / name for name in ("deploy.sh", "deploy/target.sh", "deploy/system.sh", ".ci/run")]


@pytest.mark.shellcheck
@pytest.mark.slow
def test_shellcheck_finds_nothing() -> None:
    done = subprocess.run(["shellcheck", "-x", *SCRIPTS], check=False, capture_output=True, text=True, cwd=TREE)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--profile", "/nowhere.toml", "pi"], "deploy: --profile /nowhere.toml: no such file"),
        (["--healthy", "soon", "pi"], "deploy: --healthy soon: a number of seconds"),
        (["--everything", "pi"], "deploy: --everything: no such option; see --help"),
        (["one", "two"], "deploy: one machine at a time: one or two?"),
    ],
)
def test_a_wrong_question_gets_one_line(words: list[str], line: str) -> None:
    done = subprocess.run([TREE / "deploy.sh", *words], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{line}\n")


@pytest.mark.parametrize("machine", ["aarch64", "x86_64"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_lock_of_one_target_names_each_package_once_with_its_hashes(machine: str, python: str) -> None:
    spec = importlib.util.spec_from_file_location("narrow", TREE / "deploy/narrow.py")
    assert spec
    assert spec.loader
    narrow = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(narrow)
    lock = narrow.narrowed((TREE / "locks/device.txt").read_text(encoding="utf-8"), machine, python)
    entries = re.findall(r"^(\S+)==\S+ \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", lock, re.MULTILINE)
    assert "".join(lock.splitlines(keepends=True)).count("==") == len(entries)
    names = [name for name, _ in entries]
    assert len(names) == len(set(names)) > 20
    assert {"numpy", "ai-edge-litert", "gpiozero"} <= set(names)
    assert "colorama" not in names  # which is for Windows
