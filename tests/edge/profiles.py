"""The shipped demo profile, and variants of it, for tests."""

from pathlib import Path
from typing import Any

from edge.config import Profile, load_profile

DEMO_PATH = Path(__file__).parents[2] / "firmware_config" / "profiles" / "demo.toml"


def demo(**sections: dict[str, Any]) -> Profile:
    """The demo profile with some keys of some sections changed: `demo(grade={"most_looks": 4})`."""
    profile = load_profile(DEMO_PATH)
    changed = {name: getattr(profile, name).model_copy(update=keys) for name, keys in sections.items()}
    return profile.model_copy(update=changed)
