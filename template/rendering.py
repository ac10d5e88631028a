"""The template to a folder, by copier: the same files for the same template and answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import copier
import yaml
from copier.errors import CopierError

from edge.errors import UsageFault

TEMPLATE = Path(__file__).parent / "machine"
ANSWERS = ".copier-answers.yml"

Answers = Mapping[str, str | float]


def render(answers: Answers, folder: Path, template: Path = TEMPLATE) -> None:
    """Write the project's files into a folder, over those that are there. Raises UsageFault where an answer is none of
    those that the template takes."""
    try:
        copier.run_copy(
            str(template), folder, data=dict(answers), defaults=True, overwrite=True, quiet=True, skip_tasks=True
        )
    except (CopierError, ValueError) as error:
        raise UsageFault(f"{template}: {error}") from None


def read_answers(folder: Path) -> dict[str, str | float]:
    """What a project was made with. Raises UsageFault where it was made by nothing of this kind."""
    path = folder / ANSWERS
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        raise UsageFault(f"{folder}: not a project of sorter new: {ANSWERS} is missing") from None
    except yaml.YAMLError as error:
        raise UsageFault(f"{path}: not YAML: {error}".replace("\n", " ")) from None
    if not isinstance(found, dict) or "machine" not in found:
        raise UsageFault(f"{path}: names no machine; take it back from git")
    return found
