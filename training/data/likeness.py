"""Pictures held against each other: duplicates, near-duplicates, and labels that their neighbours contradict."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from training.data.findings import Found, Measurements
from training.data.measure import Measured

_CORRELATED, _LEVELS = 0.93, 7.0
"""Two pictures are near-duplicates from this correlation of their fine structure on, and up to so many levels of
colour."""

_NEIGHBOURS, _AGREEING = 9, 8
"""Of the nearest pictures of other fruit so many must agree on another label, and none on the picture's own."""

_TELLABLE = 0.2
"""Of a label's pictures: beyond it, colour and texture do not tell this label from others."""

_FEWEST = 30
"""Pictures below which nearest neighbours say nothing."""


def duplicates(of: Measurements) -> Iterator[Found]:
    """The same file twice, and the same picture under two labels or in two splits."""
    same: dict[str, list[Measured]] = defaultdict(list)
    for picture in of.pictures:
        same[picture.sha256].append(picture)
    for some in same.values():
        if len(some) > 1:
            yield _doubled(some, "the same picture")


def near_duplicates(of: Measurements) -> Iterator[Found]:
    """The same picture, resized or compressed again, of two fruit, under two labels or in two splits. Neighbouring
    views of one fruit look alike too, and are none."""
    pictures = list(of.pictures)
    for first, second in _alike(pictures):
        one, other = pictures[first], pictures[second]
        apart = one.row.fruit_key != other.row.fruit_key or one.row.split != other.row.split
        if one.sha256 != other.sha256 and apart:
            yield _doubled([one, other], "nearly the same picture")


def mislabelled(of: Measurements) -> Iterator[Found]:
    """Fruit of which half the pictures or more have nearest neighbours, all of other fruit, that agree on another
    label: one side of a sound fruit may look like anything. A label of which this is so of many pictures cannot be told
    by colour and texture, and nothing is said of it."""
    pictures = list(of.pictures)
    if len(pictures) < _FEWEST or len({p.row.label for p in pictures}) < 2:
        return
    looks_like = _contradicted(pictures)
    wrong: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for n, label in looks_like.items():
        row = pictures[n].row
        wrong[row.label, row.fruit_key, label].append(row.name)
    counts = Counter(p.row.label for p in pictures)
    views = Counter((p.row.label, p.row.fruit_key) for p in pictures)
    doubted = Counter(pictures[n].row.label for n in looks_like)
    for (label, fruit, other), names in wrong.items():
        if doubted[label] <= _TELLABLE * counts[label] and 2 * len(names) >= views[label, fruit]:
            seen = f"{len(names)} of {views[label, fruit]} pictures"
            says = f"fruit {fruit} is labelled {label}, and in {seen} looks like {other}"
            yield Found("mislabelled", says, "look at it, and correct it or leave it", tuple(names))


def _contradicted(pictures: list[Measured]) -> dict[int, str]:
    """Places of the pictures whose neighbours agree on another label, and that label."""
    features = _standardised(np.stack([p.features for p in pictures]))
    fruit = np.array([p.row.fruit_key for p in pictures])
    labels = [p.row.label for p in pictures]
    found = {}
    for n, own in enumerate(labels):
        away = np.square(features - features[n]).sum(axis=1)
        away[fruit == fruit[n]] = np.inf
        near = Counter(labels[m] for m in np.argpartition(away, _NEIGHBOURS)[:_NEIGHBOURS])
        label, count = near.most_common(1)[0]
        if label != own and count >= _AGREEING and own not in near:
            found[n] = label
    return found


def _doubled(some: list[Measured], what: str) -> Found:
    names = tuple(p.row.name for p in some)
    labels = sorted({p.row.label for p in some})
    splits = sorted({p.row.split for p in some})
    shown = " and ".join(names[:3])
    if len(labels) > 1:
        return Found("contradicted", f"{shown}: {what} is {' and '.join(labels)}", "decide which it is", names)
    if len(splits) > 1:
        return Found("shared", f"{shown}: {what} is in {' and '.join(splits)}", "keep it in one split", names)
    return Found("duplicate", f"{shown}: {what}", "keep one of them", names)


def _alike(pictures: list[Measured]) -> Iterator[tuple[int, int]]:
    """Pairs within the limits. Quadratic, in NumPy: ten thousand pictures take some seconds."""
    if len(pictures) < 2:
        return
    outlines = np.stack([p.outline for p in pictures])
    colours = np.stack([p.colours for p in pictures]).reshape(len(pictures), -1)
    for n in range(len(pictures) - 1):
        close = outlines[n + 1 :] @ outlines[n] >= _CORRELATED
        for m in np.flatnonzero(close) + n + 1:
            if float(np.abs(colours[m] - colours[n]).mean()) <= _LEVELS:
                yield n, int(m)


def _standardised(features: NDArray[np.float32]) -> NDArray[np.float32]:
    middle = np.median(features, axis=0)
    spread = np.median(np.abs(features - middle), axis=0) * 1.4826 + 1e-3
    return np.asarray((features - middle) / spread, np.float32)
