"""How good a machine is by its audit, as it stands."""

from dataclasses import dataclass

from edge.audited.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Figures:
    """How good the machine is, as far as people have looked. `agreed`: None while nobody knows; `alarm`: the figures of
    the one that is raised; `fruit_per_hour`: that the bundle answered for, None while that was not counted yet; the
    fruit behind it were drawn from `from_s` to `until_s`."""

    bundle: str
    share: float
    found: Estimate
    agreed: float | None
    alarm: dict[str, float] | None
    fruit_per_hour: float | None
    cost_per_hour: float | None
    from_s: float | None
    until_s: float | None
