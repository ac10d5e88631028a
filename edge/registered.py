"""What is registered by entry point: the commands of `sorter`, and the benches."""

import tomllib
from importlib.metadata import entry_points
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent


def registered(group: str) -> dict[str, str]:
    """Name to `module:function`. In a checkout that is not installed, the tables in pyproject.toml answer."""
    found = {entry.name: entry.value for entry in entry_points(group=group)}
    project = CHECKOUT / "pyproject.toml"
    if project.is_file():
        found = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["entry-points"][group] | found
    return found
