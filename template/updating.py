"""A project brought up to what the template has become, with its own edits kept.

The project's history holds what the template gave, in commits that no person touched (`template.making.MARK`). What it
gives now is committed on top of the last of these and merged as any branch: git knows what both sides started from, so
this needs no older template, and works in every clone.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from edge.errors import UsageFault
from template.git import attempt, git
from template.making import CROP, MARK, running, trailer
from template.rendering import TEMPLATE, read_answers, render


@dataclass(frozen=True, slots=True)
class Updated:
    """`changed`: the template's files that are other than they were. `conflicts`: those where a person's edit and the
    template's met, left for a person to decide; the merge waits for that."""

    changed: list[str]
    conflicts: list[str]


def update(folder: Path, template: Path = TEMPLATE) -> Updated:
    """Merge what the template gives today into the project's branch. Raises UsageFault, with nothing changed."""
    answers = read_answers(folder)
    if git(folder, "status", "--porcelain"):
        raise UsageFault(f"{folder}: has edits that are not committed; commit them, then update")
    base = git(folder, "log", "-1", "--topo-order", "--no-merges", f"--grep=^{MARK}: ", "--format=%H")
    if not base:
        raise UsageFault(
            f"{folder}: no commit of the template in its history (a trailer {MARK}), so nothing to merge from"
        )
    with tempfile.TemporaryDirectory() as place:
        beside = Path(place) / "project"
        git(folder, "worktree", "add", "--quiet", "--detach", str(beside), base)
        try:
            given = _rendered(beside, answers, template)
        finally:
            git(folder, "worktree", "remove", "--force", str(beside))
    if given is None:
        return Updated([], [])
    changed = git(folder, "diff", "--name-only", base, given).splitlines()
    said = f"Take up sorter's template {running()}"
    merged = attempt(folder, "merge", "--quiet", "--no-ff", "--message", said, given, as_template=True)
    conflicts = git(folder, "diff", "--name-only", "--diff-filter=U").splitlines()
    if merged.returncode and not conflicts:
        raise UsageFault(f"{folder}: git merge: {(merged.stderr or merged.stdout).strip()}".replace("\n", " "))
    return Updated(changed, conflicts)


def _rendered(beside: Path, answers: dict[str, str | float], template: Path) -> str | None:
    """Commit what the template gives now; its commit, or None where that is what it was."""
    for path in beside.iterdir():
        kept = path.name == ".git" or (path.name == CROP and answers.get("crop") == "own")
        if not kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    own = (beside / CROP).read_bytes() if (beside / CROP).exists() else None
    render({**answers, "version": running()}, beside, template)
    if own is not None:
        (beside / CROP).write_bytes(own)
    git(beside, "add", "--all")
    if not git(beside, "status", "--porcelain"):
        return None
    git(beside, "commit", "--quiet", "--message", f"Sorter's template {running()}", *trailer(), as_template=True)
    return git(beside, "rev-parse", "HEAD")
