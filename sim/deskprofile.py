"""The profile of the machine on a desk: its own, but for what would reach beyond the desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edge.config import Profile
from sim.rendezvous import DeviceSettings
from sim.scenario import load_machine


def profile_of(settings: DeviceSettings) -> Profile:
    """The profile of a machine on this desk. Raises as `edge.config.load_profile` does."""
    profile = load_machine(Path(settings.profile), settings.machine)
    # The desk's broker or none: never the one that the profile names, where another machine may have this one's name.
    # The outbox is the desk's too: it outlives what the world does to the device, and goes with the desk.
    desk = {"broker": settings.broker, "outbox": Path(settings.folder) / "outbox"}
    parts: dict[str, Any] = {"telemetry": profile.telemetry.model_copy(update=desk)}
    if settings.record is not None:
        parts["recorder"] = profile.recorder.model_copy(update={"folder": Path(settings.record)})
    if settings.history is not None:
        parts["history"] = profile.history.model_copy(update={"folder": Path(settings.history)})
    told = {"source": None} if settings.update is None else settings.update
    parts["update"] = type(profile.update).model_validate({**profile.update.model_dump(), **told})
    return profile.model_copy(update=parts)
