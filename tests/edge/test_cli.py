"""The front door: statuses, lines and what is loaded."""

import os
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

from edge import cli
from edge.cli import main
from edge.errors import GateFault, ProfileFault

ROOT = Path(__file__).parents[2]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Registers the body of a function as the command `try`; returns how to call it."""

    def register(body: str, signature: str = "", module: str = "registered_for_a_test") -> None:
        source = (
            f"import typer\nfrom edge.errors import *\ndef command({signature}):\n{textwrap.indent(body, '    ')}\n"
        )
        (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, module, raising=False)
        monkeypatch.setattr(cli, "registered", lambda group: {"try": f"{module}:command"})

    return register


def test_every_command_of_the_project_is_known_to_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["entry-points"]["sorter.commands"]) == set(cli.KNOWN)
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for name, purpose in cli.KNOWN.items():
        assert f"  {name} " in shown
        assert purpose in shown


def test_what_a_command_returns_is_the_exit_status(command) -> None:
    command("return number", "number: int")
    assert main(["try", "3"]) == 3
    assert main(["try", "0"]) == 0


def test_a_command_that_returns_nothing_is_done(command) -> None:
    command("pass")
    assert main(["try"]) == 0


def test_every_fault_of_a_profile_is_a_line_on_standard_error(command, capsys: pytest.CaptureFixture[str]) -> None:
    command("raise ProfileFault(['a: b', 'c: d'])")
    assert main(["try"]) == ProfileFault.exit_status == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "sorter: a: b\nsorter: c: d\n"


def test_a_fault_of_the_machine_ends_with_its_own_status(command) -> None:
    command("raise GateFault('gone')")
    assert main(["try"]) == GateFault.exit_status == 3


def test_a_fault_of_the_project_itself_leaves_its_traceback(command) -> None:
    command("raise KeyError('a mistake of ours')")
    with pytest.raises(KeyError):
        main(["try"])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "which command? sorter --help lists them"),
        (["chekc"], "chekc: no such command; did you mean check?; sorter --help lists them"),
        (["try", "--nope"], "No such option: --nope; sorter try --help tells more"),
        (["try"], "Missing argument 'number'; sorter try --help tells more"),
    ],
)
def test_a_wrong_question_is_one_line_and_status_2(
    command, capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    command("pass", "number: int")
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"sorter: {line}\n"


def test_ctrl_c_ends_a_command_well(command, capsys: pytest.CaptureFixture[str]) -> None:
    command("raise KeyboardInterrupt")
    assert main(["try"]) == 0
    assert capsys.readouterr().err == ""


def test_a_command_whose_part_is_absent_names_what_installs_it(command, capsys: pytest.CaptureFixture[str]) -> None:
    command("raise ModuleNotFoundError('no', name='tensorflow.keras')")
    assert main(["try"]) == 2
    assert capsys.readouterr().err == (
        "sorter: try: needs tensorflow, which is not installed here: "
        "run `make training` in a checkout, then .venv-training/bin/sorter\n"
    )


def test_a_module_that_no_part_brings_is_a_mistake_of_ours(command) -> None:
    command("import a_module_that_nobody_has")
    with pytest.raises(ModuleNotFoundError):
        main(["try"])


def test_a_pipe_that_closes_early_is_no_traceback() -> None:
    check = f"{sys.executable} -m edge.cli check --schema | head -c 1"
    done = _run(["bash", "-c", check])
    assert (done.stdout, done.stderr) == ("{", "")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", ["check --schema", "--help"])
def test_a_full_disk_is_one_line(arguments: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    done = _run(["bash", "-c", f"{sys.executable} -m edge.cli {arguments} > /dev/full"])
    assert (done.returncode, done.stderr) == (2, "sorter: what is written: No space left on device; make room there\n")


@pytest.mark.slow
def test_a_pipe_that_nobody_reads_is_no_fault_of_ours() -> None:
    done = _run(["bash", "-c", f"(sleep 0.1; {sys.executable} -m edge.cli --help) | true; exit ${{PIPESTATUS[0]}}"])
    assert (done.returncode, done.stderr) == (1, "")


def test_standard_output_may_be_closed() -> None:
    done = _run(["bash", "-c", f"{sys.executable} -m edge.cli --help >&-"])
    assert (done.returncode, done.stderr) == (0, "")


def test_asking_for_help_loads_no_command() -> None:
    program = (
        "import sys\nfrom edge.cli import main\nmain(['--help'])\n"
        "heavy = {'typer', 'rich', 'numpy', 'cv2', 'pydantic', 'sim', 'training', 'edge.commands'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = _run([sys.executable, "-c", program])
    assert done.returncode == 0, done.stderr


def _run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(arguments, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
