"""docs/releases.md, walked through: every command in it, in order."""

import re
import shlex
from pathlib import Path

import pytest

from edge.cli import main

ROOT = Path(__file__).parents[3]
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", (ROOT / "docs/releases.md").read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.slow
def test_every_command_of_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(COMMANDS) == 9
    for line in COMMANDS:
        program, *words = shlex.split(line)
        assert (program, main(words)) == ("sorter", 0), line
    said = capsys.readouterr().out
    assert "names it from now on, by its word 1" in said
    assert all(f"new {kind} key" in said for kind in ("channels", "bundles", "online", "root"))
    assert not list((tmp_path / "keys").rglob("*.unfinished"))


def test_a_mistake_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "factory", "--to", str(tmp_path / "none"), "--channel", "stable"]) == 2
    assert main(["release", "sign", str(tmp_path), "--rotate", "root"]) == 2
    (tmp_path / "file").touch()
    assert main(["release", "init", str(tmp_path / "file" / "in"), "--keys", str(tmp_path / "keys")]) == 2
    assert main(["release", "init", str(tmp_path / "made"), "--keys", str(tmp_path / "keys")]) == 0
    waived = ["--waive", "all", "--why", "w", "--by", "b"]
    publish = ["publish", "factory", "--to", str(tmp_path / "made"), *waived]
    assert main([*publish, "--keys", str(tmp_path / "keys"), "--class", "A B"]) == 2
    assert main(publish) == 2
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 5
    assert all(line.startswith("sorter: ") for line in err)
