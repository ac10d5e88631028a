"""Damage, on one side of a fruit: rot, mould, cracks, a wrinkled area, holes. Each marks what it hurt in `damage`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sim.atlas.surface import DIRECTIONS, Floats, Maps, angle_to, any_direction, beside, blend, grain, noise, rgb, step


def paint_damage(rng: np.random.Generator, maps: Maps, weights: Mapping[str, float] | None = None) -> str:
    """Hurt a fruit around one place, any place; returns the kinds, joined by `+`. `weights`: how often each kind comes,
    in proportion; a tomato's if left out."""
    weights = TOMATO if weights is None else weights
    middle = any_direction(rng)
    several = len(weights) > 1 and rng.random() >= 0.75
    kinds = rng.choice(list(weights), size=1 + several, replace=False, p=_shares(weights))
    for kind in sorted(kinds):
        _PAINTERS[kind](rng, maps, middle)
        middle = beside(rng, middle, rng.uniform(0.2, 0.5))
    np.clip(maps.colour, 0.01, 0.99, out=maps.colour)
    return "+".join(sorted(kinds))


def _shares(weights: Mapping[str, float]) -> list[float]:
    total = sum(weights.values())
    return [weight / total for weight in weights.values()]


def _patch(rng: np.random.Generator, middle: Floats, radius_rad: float, ragged: float) -> Floats:
    """How deep inside a patch with an uneven outline each cell lies: 1 in the middle, 0 at the outline, negative
    outside."""
    angle = angle_to(middle)
    return np.asarray(1 - angle / radius_rad + ragged * (noise(rng, 4.0) + 0.5 * noise(rng, 11.0)), np.float32)


def _one_of(rng: np.random.Generator, *colours: Floats) -> Floats:
    return colours[rng.integers(len(colours))]


def _mark(maps: Maps, amount: Floats) -> None:
    np.maximum(maps.damage, amount, out=maps.damage)


def _rot(rng: np.random.Generator, maps: Maps, middle: Floats) -> None:
    """A sunken brown to black patch, water-soaked at its edge, often with rings."""
    inside = _patch(rng, middle, rng.uniform(0.14, 0.72), 0.10)
    wet = step(inside, -0.12, 0.05)
    core = step(inside, 0.0, 0.18)
    blend(maps, wet * np.float32(0.45), maps.colour * np.float32(0.6 * 255) + rgb(18, 12, 6))
    dark = _one_of(rng, rgb(44, 30, 22), rgb(86, 56, 34), rgb(58, 46, 40)) * np.float32(rng.uniform(0.8, 1.3))
    rings = 1 + np.float32(rng.uniform(0, 0.3)) * np.sin(inside * rng.uniform(18, 34))
    shade = dark * (rings * (1 + 0.14 * noise(rng, 14.0) + 0.06 * grain(rng)))[..., None]
    blend(maps, core * np.float32(rng.uniform(0.75, 0.97)), shade)
    maps.radius -= np.float32(rng.uniform(0.02, 0.07)) * step(inside, 0.0, 0.6)
    maps.radius += np.float32(0.008) * core * noise(rng, 12.0)
    maps.gloss *= 1 - np.float32(rng.uniform(0.4, 0.85)) * core
    _mark(maps, step(inside, -0.02, 0.06))


def _mould(rng: np.random.Generator, maps: Maps, middle: Floats) -> None:
    """White to grey fur over soft skin, thinning out at its edge."""
    inside = _patch(rng, middle, rng.uniform(0.16, 0.7), 0.13)
    blend(maps, step(inside, -0.25, 0.1) * np.float32(0.5), rgb(112, 78, 50))
    fur = step(inside + np.float32(0.16) * grain(rng) + 0.12 * noise(rng, 18.0), 0.0, 0.25)
    white = _one_of(rng, rgb(222, 220, 212), rgb(188, 190, 184), rgb(206, 200, 178))
    blend(maps, fur * np.float32(0.92), white * (1 + 0.06 * grain(rng) + 0.08 * noise(rng, 14.0))[..., None])
    if rng.random() < 0.4:
        spores = step(inside, 0.25, 0.6) * step(noise(rng, 7.0), -0.2, 0.8)
        blend(maps, spores * np.float32(0.75), rgb(76, 84, 76))
    maps.radius += np.float32(0.014) * fur + np.float32(0.006) * fur * grain(rng)
    maps.gloss *= 1 - 0.95 * fur
    _mark(maps, step(inside, -0.06, 0.06))


def _cracks(rng: np.random.Generator, maps: Maps, middle: Floats) -> None:
    """Splits that run across one side, open and dark in the middle, with a corky pale lip."""
    area = rng.uniform(0.34, 0.75)
    heading = beside(rng, middle, np.pi / 2)
    for _ in range(rng.integers(2, 5)):
        plane = beside(rng, heading, rng.uniform(0, 0.5))
        offset = rng.uniform(-0.22, 0.22)
        away = np.abs(DIRECTIONS @ plane - offset + np.float32(0.035) * noise(rng, 6.0))
        ends = step(angle_to(beside(rng, middle, rng.uniform(0, 0.15))), area, area * 0.6)
        width = rng.uniform(0.022, 0.05)
        lip = step(away, width * 2.6, width * 1.2) * ends
        split = step(away, width, width * 0.4) * step(ends, 0.2, 0.8)
        blend(maps, lip * np.float32(0.7), rgb(186, 150, 98))
        blend(maps, split * np.float32(0.95), rgb(74, 34, 20))
        maps.radius -= np.float32(0.03) * split
        maps.gloss *= 1 - 0.8 * lip
        _mark(maps, step(away, width * 3.4, width * 2.4) * step(ends, 0.1, 0.3))


def _wrinkles(rng: np.random.Generator, maps: Maps, middle: Floats) -> None:
    """Shrivelled skin: folds that run one way, darker in their depths, over a dull and sunken area."""
    inside = _patch(rng, middle, rng.uniform(0.65, 1.0), 0.10)
    area = step(inside, -0.05, 0.3)
    heading = any_direction(rng)
    phase = (DIRECTIONS @ heading) * np.float32(rng.uniform(7, 13)) + np.float32(1.5) * noise(rng, 4.5)
    folds = step(np.abs(np.sin(phase)), 0.45, 0.0) + step(np.abs(noise(rng, 8.0)), 0.35, 0.0)
    folds = np.clip(folds * (0.75 + 0.35 * noise(rng, 5.0)), 0, 1.3)
    maps.radius -= area * (np.float32(rng.uniform(0.035, 0.06)) * folds + np.float32(0.05))
    shade = maps.colour * (np.float32(255) * (0.90 - 0.30 * folds))[..., None]
    blend(maps, area * np.float32(0.9), shade)
    maps.gloss *= 1 - 0.35 * area
    _mark(maps, step(inside, 0.0, 0.15))


def _holes(rng: np.random.Generator, maps: Maps, middle: Floats) -> None:
    """One to four holes, nearly black, with a brown and sunken rim."""
    for _ in range(rng.integers(1, 5)):
        size = rng.uniform(0.11, 0.21)
        angle = angle_to(beside(rng, middle, rng.uniform(0.0, 0.55))) * (1 + 0.14 * noise(rng, 5.0))
        rim = step(angle, size * 1.6, size)
        hole = step(angle, size, size * 0.7)
        blend(maps, rim * np.float32(0.75), rgb(122, 84, 46))
        blend(maps, hole * np.float32(0.97), rgb(34, 20, 14))
        maps.radius -= np.float32(0.03) * rim + np.float32(0.06) * hole
        maps.gloss *= 1 - 0.9 * rim
        _mark(maps, step(angle, size * 1.45, size * 1.3))


def _blossom_end(rng: np.random.Generator, maps: Maps, middle: Floats) -> None:
    """Blossom-end rot: a flat leathery patch, tan to black, always opposite the stem."""
    end = beside(rng, np.array([0, 0, -1], np.float32), rng.uniform(0, 0.2))
    inside = _patch(rng, end, rng.uniform(0.22, 0.65), 0.07)
    core = step(inside, 0.0, 0.14)
    tan = _one_of(rng, rgb(126, 94, 60), rgb(72, 50, 34), rgb(38, 30, 26)) * np.float32(rng.uniform(0.8, 1.2))
    blend(maps, step(inside, -0.2, 0.05) * np.float32(0.4), rgb(176, 150, 96))
    blend(maps, core * np.float32(0.93), tan * (1 + 0.10 * noise(rng, 8.0) + 0.04 * grain(rng))[..., None])
    maps.radius -= np.float32(rng.uniform(0.02, 0.08)) * step(inside, 0.0, 0.5)
    maps.gloss *= 1 - np.float32(0.6) * core
    _mark(maps, step(inside, -0.02, 0.06))


def _sunscald(rng: np.random.Generator, maps: Maps, middle: Floats) -> None:
    """A bleached, papery patch on the side that the sun has burnt, wrinkled in its middle."""
    inside = _patch(rng, middle, rng.uniform(0.3, 0.7), 0.08)
    pale = step(inside, 0.0, 0.25)
    blend(maps, step(inside, -0.25, 0.1) * np.float32(0.5), rgb(222, 190, 110))
    blend(
        maps, pale * np.float32(rng.uniform(0.75, 0.95)), rgb(226, 216, 186) * (1 + 0.05 * noise(rng, 9.0))[..., None]
    )
    maps.radius -= np.float32(0.03) * pale * (1 + 0.4 * noise(rng, 7.0))
    maps.gloss *= 1 - np.float32(0.75) * pale
    _mark(maps, step(inside, 0.0, 0.1))


_PAINTERS: dict[str, Callable[[np.random.Generator, Maps, Floats], None]] = {
    "rot": _rot,
    "mould": _mould,
    "cracks": _cracks,
    "wrinkles": _wrinkles,
    "holes": _holes,
    "blossom-end": _blossom_end,
    "sunscald": _sunscald,
}
KINDS = tuple(_PAINTERS)
TOMATO = dict(zip(KINDS, (0.24, 0.18, 0.16, 0.15, 0.10, 0.10, 0.07), strict=True))
"""How often each kind comes to a tomato; they add up to 1."""
