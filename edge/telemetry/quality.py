"""Tells how good the machine is, whenever people or time have changed that."""

from collections.abc import Callable
from datetime import UTC, datetime

from edge.audited.figures import Figures
from edge.audited.intervals import Interval
from edge.telemetry.messages import Message, Writer
from edge.telemetry.quality_messages import Figure, Quality


class QualityTeller:
    """One run's. Belongs to the telemetry thread."""

    def __init__(self, writer: Writer, latest: Callable[[], Figures | None]) -> None:
        self._writer = writer
        self._latest = latest
        self._told: Figures | None = None

    def step(self) -> Message | None:
        """What is to be said now, if anything."""
        told = self._latest()
        if told is None or told is self._told:
            return None
        self._told = told
        found = told.found
        return self._writer.encode(
            Quality(
                **self._writer.header(),
                bundle=told.bundle,
                share=told.share,
                fruit_per_hour=_rounded(told.fruit_per_hour, 1),
                cost_per_hour=_rounded(told.cost_per_hour),
                from_utc=_utc(told.from_s),
                until_utc=_utc(told.until_s),
                drawn=found.drawn,
                reviewed=found.reviewed,
                skipped=found.skipped,
                disputed=found.disputed,
                accuracy=_figure(found.accuracy),
                worst=_rounded(found.worst),
                best=_rounded(found.best),
                precision={label: _figure(of) for label, of in found.precision.items()},
                recall={label: _figure(of) for label, of in found.recall.items()},
                agreed=_rounded(told.agreed),
                decayed=told.alarm is not None,
            )
        )


def _figure(of: Interval) -> Figure:
    shares = {"low": round(of.low, 4), "high": round(of.high, 4)}
    return Figure(value=_rounded(of.value), inspected=round(of.inspected, 2), **shares)


def _rounded(figure: float | None, places: int = 4) -> float | None:
    return None if figure is None else round(figure, places)


def _utc(at_s: float | None) -> str | None:
    if at_s is None:
        return None
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
