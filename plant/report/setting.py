"""What the profile says that a history carries: routes, gates and money of the machine as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from edge.auditsection import Audit
from edge.burning import good_outlets
from edge.errors import UsageFault
from edge.sections import Money


@dataclass(slots=True)
class Setting:
    """`longest_ms`: how long each gate may be open; `inspection`: what one inspection of the audit costs;
    `share`: by which fruit are drawn for it, 1 until that is said."""

    site: str = ""
    machine: str = ""
    route: Mapping[str, str] = field(default_factory=dict)
    longest_ms: Mapping[str, float] = field(default_factory=dict)
    money: Money = field(default_factory=Money)
    inspection: float = Audit().cost
    share: float = 1.0

    @property
    def good(self) -> frozenset[str]:
        """The outlets of sound labels."""
        return good_outlets(self.route)


def setting(said: Mapping[str, Any]) -> Setting:
    """From a profile event: the profile itself, or under the key `profile`. Raises UsageFault."""
    inner = said.get("profile")
    profile = inner if isinstance(inner, Mapping) else said
    machine = str(profile.get("machine", ""))
    gates = {name: gate for name, gate in (profile.get("gates") or {}).items() if isinstance(gate, Mapping)}
    audit = profile.get("audit") or {}
    try:
        money = Money.model_validate_json(json.dumps(profile.get("money") or {}))
    except ValidationError:
        raise UsageFault(f"the history's profile of {machine}: [money] is not one of this version") from None
    return Setting(
        str(profile.get("site", "")),
        machine,
        dict(profile.get("route") or {}),
        {name: float(gate["longest_on_ms"]) for name, gate in gates.items() if "longest_on_ms" in gate},
        money,
        float(audit.get("cost", Audit().cost)),
        1.0 if audit.get("share", Audit().share) else 0.0,
    )
