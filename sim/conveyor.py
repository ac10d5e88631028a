"""What lies on the belt: feed and places, closed-form in the belt's travel, so that any instant can be asked for."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass

from sim.truth import FruitDraws, FruitTruth

FEED_MM = -150.0
"""Where fruit are laid onto the belt: upstream of the picture, out of its sight."""


class Item:
    """One fruit on the belt. `origin_mm` is the belt's travel at which its middle stands at x = 0; `number` counts the
    run's fruit in that order. A fruit that slips gains on the belt by a fraction of its travel from there."""

    __slots__ = ("_gain", "_held_mm", "_held_until_mm", "_phase", "_turns", "_views", "number", "origin_mm", "truth")

    def __init__(self, number: int, truth: FruitTruth, origin_mm: float) -> None:
        self.number = number
        self.truth = truth
        self.origin_mm = origin_mm
        self._gain = 1 + truth.slip
        self._held_mm = math.inf
        self._held_until_mm = 0.0
        self._turns = truth.turns_per_mm
        self._phase = truth.phase
        self._views = truth.skin.views

    @property
    def lane(self) -> int:
        return self.truth.lane

    @property
    def label(self) -> str:
        """The true grade."""
        return self.truth.skin.label

    def hold(self, x_mm: float, until_mm: float) -> None:
        """Something keeps it at a place that it reaches before, until the belt has come so far."""
        self._held_mm, self._held_until_mm = x_mm, until_mm

    def x_mm(self, travel_mm: float) -> float:
        x_mm = (travel_mm - self.origin_mm) * self._gain
        if x_mm <= self._held_mm:
            return x_mm
        return self._held_mm + max(0.0, travel_mm - self._held_until_mm) * self._gain

    def travel_mm(self, x_mm: float) -> float:
        """The belt's travel at which the fruit's middle has come to x_mm."""
        if x_mm <= self._held_mm:
            return self.origin_mm + x_mm / self._gain
        return self._held_until_mm + (x_mm - self._held_mm) / self._gain

    def view(self, x_mm: float) -> int:
        """Which of its skin's views faces the camera there."""
        return math.floor(((self._phase + self._turns * x_mm) % 1.0) * self._views)

    def shows_damage(self, from_mm: float, to_mm: float) -> bool:
        """Whether any view that faces the camera between two places shows damage."""
        first = math.floor((self._phase + self._turns * from_mm) * self._views)
        last = math.floor((self._phase + self._turns * to_mm) * self._views)
        turn = range(first, min(last, first + self._views - 1) + 1)
        return any(self.truth.skin.damage_shown(n % self._views) for n in turn)


@dataclass(frozen=True, slots=True)
class Limit:
    """When the feed stops: after so many fruit, or so many seconds, or never."""

    fruit: int | None = None
    seconds: float | None = None


class Feed:
    """Lays fruit onto the belt, every lane at its own draw, in the order in which they pass x = 0."""

    def __init__(self, draws: FruitDraws, lanes: int, carried_mm: float, speed_mm_s: float, limit: Limit) -> None:
        self._draws = draws
        self._limit = limit
        self._last_mm = math.inf if limit.seconds is None else limit.seconds * speed_mm_s - FEED_MM
        self.fed = 0
        self.fed_mm = 0.0
        """The stretch of belt that has been fed."""
        self._carried_mm = carried_mm
        self._stopped_mm: float | None = None
        self._held_mm = 0.0
        self._speed_mm_s = speed_mm_s
        self._heads: list[tuple[float, int, FruitTruth]] = []
        for lane in range(lanes):
            first = draws.draw(lane, 0, None)
            self._heads.append((first.space_mm - carried_mm, lane, first))
        heapq.heapify(self._heads)

    @property
    def ended(self) -> bool:
        if self._limit.fruit is not None and self.fed >= self._limit.fruit:
            return True
        return self._heads[0][0] > self._last_mm

    def hold(self, held: bool, travel_mm: float) -> None:
        """Lay no fruit onto the belt from this travel on, or go on with those that were held back. Every fruit up to
        then must have been asked for."""
        if held and self._stopped_mm is None:
            self._stopped_mm = travel_mm
        elif not held and self._stopped_mm is not None:
            later_mm = travel_mm - self._stopped_mm
            self._stopped_mm = None
            self._held_mm += later_mm
            self._last_mm += later_mm
            self._heads = [(origin_mm + later_mm, lane, truth) for origin_mm, lane, truth in self._heads]

    def until(self, travel_mm: float) -> Iterator[Item]:
        """The fruit that have been fed by now and were not asked for before."""
        if self._stopped_mm is not None:
            travel_mm = min(travel_mm, self._stopped_mm)
        while not self.ended and self._heads[0][0] + FEED_MM <= travel_mm:
            origin_mm, lane, truth = self._heads[0]
            fed_s = (origin_mm - self._held_mm + self._carried_mm) / self._speed_mm_s
            after = self._draws.draw(lane, truth.number + 1, truth, fed_s)
            heapq.heapreplace(self._heads, (origin_mm + after.space_mm, lane, after))
            item = Item(self.fed, truth, origin_mm)
            self.fed += 1
            self.fed_mm = origin_mm + self._carried_mm
            yield item
