"""What a calibration changes in a profile: keys by section, and the profile with them."""

from __future__ import annotations

from typing import Any

from edge.config import Profile
from edge.sections import Settings

Value = float | int | str | tuple[float, ...]
Section = tuple[str, ...]
"""`("camera",)`, `("gates", "red_0")`; the nth of an array of tables is `("lanes", "0")`."""

Changes = dict[Section, dict[str, Value]]


def changed(profile: Profile, changes: Changes) -> Profile:
    """The profile with the changes, whatever its sections make of each other: that is asked once all is found. Raises
    ValidationError where a value is none that a profile may hold."""
    whole = Settings.model_validate(merged(profile.model_dump(mode="json", exclude_none=True), changes))
    return Profile.model_construct(**{name: getattr(whole, name) for name in Settings.model_fields})


def merged(data: dict[str, Any], changes: Changes) -> dict[str, Any]:
    """A profile's data with the changes, in a copy as far as it is changed."""
    whole = dict(data)
    for section, keys in changes.items():
        table: Any = whole
        for name in section:
            key: Any = int(name) if isinstance(table, list) else name
            inner = table[key] if isinstance(table, list) else table.get(key, {})
            table[key] = list(inner) if isinstance(inner, list) else dict(inner)
            table = table[key]
        table.update({key: list(value) if isinstance(value, tuple) else value for key, value in keys.items()})
    return whole
