"""A project takes up what its template has become, and keeps what people changed in it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from edge.cli import main
from edge.errors import UsageFault
from template.making import make
from template.rendering import TEMPLATE
from template.updating import Updated, update

pytestmark = pytest.mark.slow


def git(folder: Path, *arguments: str) -> str:
    person = ("-c", "user.name=Somebody", "-c", "user.email=somebody@localhost")
    return subprocess.run(["git", *person, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template of one's own, which may move on."""
    return shutil.copytree(TEMPLATE, tmp_path / "template")


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "cherry-line"
    make(folder, None, template)
    return folder


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text, path
    path.write_text(text.replace(before, after), encoding="utf-8")


def by_a_person(project: Path, *edits: tuple[str, str, str]) -> None:
    for file, before, after in edits:
        edit(project / file, before, after)
    git(project, "commit", "--quiet", "--all", "--message", "Our own")


def move_on(template: Path) -> None:
    """A later template: one file more, one less, one line other than it was."""
    (template / "project" / "docs" / "cleaning.md.jinja").write_text("# Cleaning {{ machine }}\n")
    (template / "project" / "dashboard" / "README.md.jinja").unlink()
    edit(template / "project" / "recipe.toml.jinja", "epochs = 14", "epochs = 16")
    edit(template / "project" / "profile.toml.jinja", "frames_hz = 30", "frames_hz = 40")


def test_what_the_template_changed_comes_and_what_people_changed_stays(project: Path, template: Path) -> None:
    by_a_person(
        project,
        ("profile.toml", 'site = "plant"', 'site = "orchard"'),
        ("CHECKLIST.md", "- [ ] `make test` is green.", "- [x] `make test` is green."),
    )
    (project / "docs" / "lamps.md").write_text("Two, of 5000 K.\n")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "Lamps")
    move_on(template)

    found = update(project, template)

    assert found.conflicts == []
    assert sorted(found.changed) == ["dashboard/README.md", "docs/cleaning.md", "profile.toml", "recipe.toml"]
    assert (project / "docs" / "cleaning.md").read_text() == "# Cleaning cherry-line\n"
    assert not (project / "dashboard" / "README.md").exists()
    assert "epochs = 16" in (project / "recipe.toml").read_text()
    profile = (project / "profile.toml").read_text()
    assert 'site = "orchard"' in profile
    assert "frames_hz = 40" in profile
    assert "- [x] `make test` is green." in (project / "CHECKLIST.md").read_text()
    assert (project / "docs" / "lamps.md").exists()
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "worktree", "list").count("\n") == 1


def test_a_second_update_and_one_after_the_next_move_are_merged_alike(project: Path, template: Path) -> None:
    move_on(template)
    update(project, template)
    assert update(project, template) == Updated([], [])
    by_a_person(project, ("recipe.toml", "seed = 1", "seed = 7"))
    edit(template / "project" / "recipe.toml.jinja", "colour = 24", "colour = 32")
    assert update(project, template) == Updated(["recipe.toml"], [])
    recipe = (project / "recipe.toml").read_text()
    assert "seed = 7" in recipe
    assert "colour = 32" in recipe


def test_where_both_changed_a_line_a_person_decides(project: Path, template: Path) -> None:
    by_a_person(project, ("recipe.toml", "epochs = 14", "epochs = 99"))
    move_on(template)
    found = update(project, template)
    assert found.conflicts == ["recipe.toml"]
    text = (project / "recipe.toml").read_text()
    assert "epochs = 99" in text
    assert "epochs = 16" in text
    git(project, "merge", "--abort")
    assert git(project, "status", "--porcelain") == ""
    assert "epochs = 99" in (project / "recipe.toml").read_text()


def test_a_clone_is_brought_up_to_date_as_well(project: Path, template: Path, tmp_path: Path) -> None:
    by_a_person(project, ("README.md", "A sorting machine", "Our sorting machine"))
    git(tmp_path, "clone", "--quiet", str(project), "elsewhere")
    move_on(template)
    assert update(tmp_path / "elsewhere", template).conflicts == []
    assert "Our sorting machine" in (tmp_path / "elsewhere" / "README.md").read_text()
    assert "epochs = 16" in (tmp_path / "elsewhere" / "recipe.toml").read_text()


def test_a_crop_of_ones_own_is_not_replaced_by_one_that_ships(template: Path, tmp_path: Path) -> None:
    own = tmp_path / "sour.toml"
    shutil.copy(template / "crops" / "cherry.toml", own)
    edit(own, "seed = 1", "seed = 5")
    make(tmp_path / "orchard", str(own), template)
    by_a_person(tmp_path / "orchard", ("crop.toml", "uneven = 0.09", "uneven = 0.07"))
    move_on(template)
    assert "crop.toml" not in update(tmp_path / "orchard", template).changed
    text = (tmp_path / "orchard" / "crop.toml").read_text()
    assert "seed = 5" in text
    assert "uneven = 0.07" in text


def test_edits_that_are_not_committed_stop_it(project: Path, template: Path) -> None:
    edit(project / "recipe.toml", "seed = 1", "seed = 7")
    move_on(template)
    with pytest.raises(UsageFault, match="has edits that are not committed"):
        update(project, template)
    assert "frames_hz = 30" in (project / "profile.toml").read_text()


def test_the_command_says_what_came(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "--update", str(project)]) == 0
    assert capsys.readouterr().out == "cherry-line: up to date\n"
    assert main(["new", "--update", str(project.parent)]) == 2
    assert "not a project of sorter new" in capsys.readouterr().err
