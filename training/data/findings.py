"""What can be wrong with a dataset, one check a fault: each looks at all that was measured and says what it found."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from training.data.listing import Listing
from training.data.measure import Measured, Unread
from training.evaluation.statistics import auroc

_SMALLEST_PX = 24
_FLAT = 2.0
"""Grey levels of spread below which a picture shows nothing."""

_BLURRED = 0.2
"""Of its source's median sharpness."""

_FEWEST_FRUIT = 5
"""Physical fruit behind a label from which a figure about it says anything."""

_SCARCE = 0.1
"""Of the commonest label's pictures."""

_TOLD_APART = 0.97
"""The AUROC from which something that is no fruit gives a label away."""

_FEWEST_TO_TELL = 6


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: `code` for machines; `says` where and what; `remedy` what to do; `names` the pictures that show
    it."""

    code: str
    says: str
    remedy: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurements:
    """All that a check may look at."""

    listing: Listing
    pictures: Sequence[Measured]
    unread: Sequence[Unread]


Key = TypeVar("Key", str, tuple[str, str])
_TELLING: tuple[tuple[str, Callable[[Measured], float]], ...] = (
    ("the brightness of the surroundings", lambda picture: picture.exposure[0]),
    ("the exposure", lambda picture: picture.exposure[1]),
    ("the picture's size", lambda picture: float(max(picture.size_px))),
)

Check = Callable[[Measurements], Iterable[Found]]


def unreadable(of: Measurements) -> Iterator[Found]:
    """Files that are missing, broken or empty, pictures that show nothing, and pictures that nobody listed."""
    for one in of.unread:
        code = one.why.partition(":")[0]
        yield Found(code, f"{one.row.name}: {one.why}", "fetch it again, or take its line out", (one.row.name,))
    for picture in of.pictures:
        width, height = picture.size_px
        if picture.spread < _FLAT:
            yield Found("empty", f"{picture.row.name}: shows nothing", "take its line out", (picture.row.name,))
        elif min(width, height) < _SMALLEST_PX:
            says = f"{picture.row.name}: {width} x {height} px; at least {_SMALLEST_PX} are wanted"
            yield Found("tiny", says, "take it again from nearer by", (picture.row.name,))
    if of.listing.unlisted:
        names = tuple(str(path.relative_to(of.listing.folder)) for path in of.listing.unlisted)
        yield Found("unlisted", f"{len(names)} pictures lie in the folder and are in no line", "list them", names)


def blurred(of: Measurements) -> Iterator[Found]:
    """Pictures far less sharp than the others of their source."""
    for source, some in _groups(of.pictures, lambda p: p.row.source).items():
        limit = _BLURRED * float(np.median([p.sharpness for p in some]))
        names = tuple(p.row.name for p in some if p.sharpness < limit and p.spread >= _FLAT)
        if names:
            yield Found("blurred", f"{len(names)} pictures{_from(source)} are out of focus", "take them again", names)


def leaks(of: Measurements) -> Iterator[Found]:
    """Physical fruit in two splits: what is learned of one is known of the other."""
    for key, some in _groups(of.pictures, lambda p: p.row.fruit_key).items():
        splits = sorted({p.row.split for p in some})
        if len(splits) > 1:
            says = f"fruit {key} is in {' and '.join(splits)}"
            yield Found("leak", says, "keep every physical fruit in one split", tuple(p.row.name for p in some))


def labels(of: Measurements) -> Iterator[Found]:
    """Labels that rest on too little, or look misspelt."""
    pictures = Counter(p.row.label for p in of.pictures)
    fruit = {label: len({p.row.fruit_key for p in some}) for label, some in _by_label(of).items()}
    for label, count in sorted(pictures.items()):
        others = [other for other in pictures if other != label and pictures[other] > 5 * count]
        near = difflib.get_close_matches(label, others, n=1, cutoff=0.75)
        names = tuple(p.row.name for p in of.pictures if p.row.label == label)
        if near:
            yield Found("misspelt", f"label {label} of {count} pictures looks like {near[0]}", "correct it", names)
        elif fruit[label] < _FEWEST_FRUIT:
            says = f"label {label} rests on {fruit[label]} physical fruit; at least {_FEWEST_FRUIT} are wanted"
            yield Found("few-fruit", says, "photograph more fruit, not more pictures of these", names[:8])
        elif count < _SCARCE * max(pictures.values()):
            says = f"label {label} has {count} pictures of {len(of.pictures)}"
            yield Found("scarce", says, "photograph more of it, or balance by fruit in training", names[:8])
    for split, some in _groups(of.pictures, lambda p: p.row.split).items():
        if absent := sorted(set(pictures) - {p.row.label for p in some}):
            yield Found("split-lacks", f"split {split or 'all'} has no {', '.join(absent)}", "split again, by fruit")


def sources(of: Measurements) -> Iterator[Found]:
    """A label that comes from one source, or one light, alone, where others come from more: the model learns that."""
    for what, told in (("source", _source), ("light", _light)):
        values = {label: {told(p) for p in some} for label, some in _by_label(of).items()}
        every: set[str] = set().union(*values.values())
        if len(every) < 2:
            continue
        for label, some in sorted(values.items()):
            if len(some) == 1 and len(values) > 1:
                says = f"every {label} comes from one {what}, {next(iter(some))}; there are {len(every)}"
                names = tuple(p.row.name for p in of.pictures if p.row.label == label)[:8]
                yield Found(f"one-{what}", says, f"photograph it under every {what}", names)


def confounded(of: Measurements) -> Iterator[Found]:
    """Something that is no fruit, and tells a label apart: the surroundings, the exposure, the picture's size."""
    fruit = _groups(of.pictures, lambda p: (p.row.label, p.row.fruit_key))
    for what, value in _TELLING:
        medians = [(label, float(np.median([value(p) for p in some]))) for (label, _), some in fruit.items()]
        for label in sorted({label for label, _ in medians}):
            are = [other == label for other, _ in medians]
            if min(sum(are), len(are) - sum(are)) < _FEWEST_TO_TELL:
                continue
            told = float(auroc([median for _, median in medians], are)(np.ones((1, len(are))))[0])
            if abs(told - 0.5) >= _TOLD_APART - 0.5:
                names = tuple(p.row.name for p in of.pictures if p.row.label == label)[:8]
                says = f"{what} alone tells {label} from the rest (AUROC {told:.2f})"
                yield Found("confounded", says, "photograph every label in the same way", names)


def narrow(of: Measurements) -> Iterator[Found]:
    """All under one light, or of one cultivar, where that is told: what was never varied cannot be borne."""
    for what, told in (("light", _light), ("cultivar", _cultivar)):
        values = {told(p) for p in of.pictures}
        if len(values) == 1 and "" not in values:
            yield Found("narrow", f"every picture has the one {what} {values.pop()}", f"photograph a second {what}")
    around = np.array([p.exposure[0] for p in of.pictures])
    if len(around) >= 50 and float(np.quantile(around, 0.98) - np.quantile(around, 0.02)) < 0.01:
        yield Found("narrow", "every picture has the same background", "photograph on a second background, or cut out")


def _source(picture: Measured) -> str:
    return picture.row.source


def _light(picture: Measured) -> str:
    return picture.row.light


def _cultivar(picture: Measured) -> str:
    return picture.row.cultivar


def _by_label(of: Measurements) -> dict[str, list[Measured]]:
    return _groups(of.pictures, lambda p: p.row.label)


def _groups(pictures: Iterable[Measured], key: Callable[[Measured], Key]) -> dict[Key, list[Measured]]:
    found: dict[Key, list[Measured]] = defaultdict(list)
    for picture in pictures:
        found[key(picture)].append(picture)
    return dict(found)


def _from(source: str) -> str:
    return f" of {source}" if source else ""
