"""A project as `sorter new` makes it, once."""

from pathlib import Path

import pytest

from template.making import make


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be changed: copy it."""
    folder = tmp_path_factory.mktemp("new") / "cherry-line"
    make(folder, None)
    return folder
