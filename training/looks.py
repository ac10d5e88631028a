"""Looks made once and kept: every picture is augmented, seen through the frozen trunk, and its maps are stored.

What a look is worth is decided later, when it is drawn: leaving a fruit, a kind or a source out of training is a
filter over `Looks.fruit`, and needs none of them made again. Pieces are files of their own, so that work broken off
goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.bundle import Preprocessing
from edge.durable import write_whole
from training.augment import look, stranger
from training.blemish import blemished
from training.dataset import UNTOLD, Picture, by_fruit, group_of, lot
from training.recipe import Recipe

MADE_UP = "made-up:unknown"
BLEMISHED = "made-up:damaged"
PROCESSES = 2
_CELL = 4
_PIECE = 1500
_EDITION = 8
"""Of the augmentation: raise it when looks of the same recipe come out otherwise, so that old pieces are not read."""


@dataclass(frozen=True, slots=True)
class Looks:
    """n looks. `maps` (n, h, w, c): what the frozen trunk gave, int8 by `scale` and `zero`, or the uint8 pixels where
    nothing is frozen. `cells` (n, N/4, N/4, 3) uint8 RGB; `targets` (n, 3) int8 of ripeness, damage and known;
    `fruit` (n,) the keys of the physical fruit ("ageing/fruit_Aa"); `groups` (n,) what each is balanced by. `name` is
    another one wherever anything of them is another."""

    maps: NDArray[Any]
    scale: float
    zero: int
    cells: NDArray[np.uint8]
    targets: NDArray[np.int8]
    fruit: NDArray[np.str_]
    groups: NDArray[np.str_]
    name: str

    def shares(self, weights: dict[str, float], left_out: Collection[str] = ()) -> NDArray[np.float64]:
        """The chance (n,) of each look to be drawn: a group by its weight, then a fruit of it, then a look of that, so
        that neither a fruit with many photographs nor a common grade teaches more than its share. Looks of the fruit
        `left_out` have none."""
        share = np.zeros(len(self.fruit))
        kept = ~np.isin(self.fruit, list(left_out))
        for group in np.unique(self.groups[kept]):
            own = kept & (self.groups == group)
            _, fruit, counts = np.unique(self.fruit[own], return_inverse=True, return_counts=True)
            share[own] = weights.get(str(group), 1.0) / (len(counts) * counts[fruit])
        return np.asarray(share / share.sum(), np.float64)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some pictures, each with its group and the number of looks to make of it."""

    wanted: list[tuple[Picture, str, int]]
    spec: Preprocessing
    seed: int
    trunk: Path | None
    to: Path


def make_looks(
    recipe: Recipe, pictures: Sequence[Picture], trunk: bytes | None, work: Path, say: Callable[[int, int], None]
) -> Looks:
    """Every look that the recipe asks of these pictures, made on two processes or read from `work`, where pieces are
    kept. `trunk` is the frozen part as int8 TFLite, None where there is none. `say` is told pieces done and in all."""
    work.mkdir(parents=True, exist_ok=True)
    path = None if trunk is None else work / f"trunk-{hashlib.sha256(trunk).hexdigest()[:12]}.tflite"
    if path is not None and trunk is not None and not path.is_file():
        write_whole(path, trunk)
    pieces = list(_pieces(recipe, pictures, path, work))
    missing = [piece for piece in pieces if not piece.to.is_file()]
    say(len(pieces) - len(missing), len(pieces))
    if missing:
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            for n, _ in enumerate(pool.map(_make, missing), 1):
                say(len(pieces) - len(missing) + n, len(pieces))
    return _joined([piece.to for piece in pieces])


def drawn(recipe: Recipe, pictures: Sequence[Picture], count: int) -> NDArray[np.uint8]:
    """Tensors (count, N, N, 3) of looks as training sees them, for calibration."""
    rng = np.random.default_rng([recipe.seed, 1])
    wanted = [(picture, group) for picture, group, _ in _wanted(recipe, pictures)]
    picked = rng.integers(len(wanted), size=count)
    return np.stack([_look(*wanted[int(n)], recipe.input, rng)[0] for n in picked])


def _wanted(recipe: Recipe, pictures: Sequence[Picture]) -> list[tuple[Picture, str, int]]:
    """How many looks of which picture: by the recipe's weights, as they will be drawn."""
    groups: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        groups[group_of(picture)].append(picture)
        if picture.known == 1:
            groups[MADE_UP].append(picture)
        if picture.known == 1 and picture.damage == 0 and picture.source != "builtin":
            groups[BLEMISHED].append(picture)
    weights = {group: recipe.looks.weights.get(group, 1.0) for group in groups}
    whole = sum(weights.values())
    wanted = []
    for group, found in sorted(groups.items()):
        fruit = by_fruit(found)
        for key, views in fruit.items():
            each = recipe.looks.count * weights[group] / whole / len(fruit) / len(views)
            # The fraction that is left is one look or none by the view's own lot.
            wanted += [(view, group, int(each + lot(f"{group}/{key}/{view.order}"))) for view in views]
    return [(view, group, count) for view, group, count in wanted if count]


def _pieces(recipe: Recipe, pictures: Sequence[Picture], trunk: Path | None, work: Path) -> Iterator[_Piece]:
    wanted = _wanted(recipe, pictures)
    ends = np.cumsum([count for _, _, count in wanted]) // _PIECE
    given = recipe.model_dump(mode="json", include={"seed", "input"})
    for n in np.unique(ends):
        own = [wanted[int(k)] for k in np.flatnonzero(ends == n)]
        told = hashlib.sha256(json.dumps([_EDITION, given, trunk and trunk.name]).encode())
        for picture, group, count in own:
            told.update(f"{picture.fruit_key}/{picture.order}/{group}/{count}/{picture.targets}".encode())
            told.update(picture.pixels.tobytes())
        yield _Piece(own, recipe.input, recipe.seed, trunk, work / f"looks-{told.hexdigest()[:20]}.npz")


def _make(piece: _Piece) -> None:
    cv2.setNumThreads(1)
    see = _Trunk(piece.trunk) if piece.trunk else None
    rows: dict[str, list[Any]] = {"maps": [], "cells": [], "targets": [], "fruit": [], "groups": []}
    for picture, group, count in piece.wanted:
        told = hashlib.sha256(f"{picture.fruit_key}/{picture.order}/{group}".encode()).digest()
        rng = np.random.default_rng([piece.seed, int.from_bytes(told[:8], "big")])
        for _ in range(count):
            tensor, targets = _look(picture, group, piece.spec, rng)
            side = len(tensor) // _CELL
            rows["maps"].append(tensor if see is None else see(tensor))
            rows["cells"].append(cv2.resize(tensor, (side, side), interpolation=cv2.INTER_AREA))
            rows["targets"].append(np.array(targets, np.int8))
            rows["fruit"].append(picture.fruit_key)
            rows["groups"].append(group)
    scale, zero = (1.0, 0) if see is None else see.quantization
    arrays = {name: np.stack(found) if name[-1] == "s" and name != "groups" else found for name, found in rows.items()}
    part = piece.to.with_suffix(".part.npz")
    np.savez(part, allow_pickle=False, scale=scale, zero=zero, **{k: np.asarray(v) for k, v in arrays.items()})
    part.rename(piece.to)


def _look(
    picture: Picture, group: str, spec: Preprocessing, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], tuple[int, int, int]]:
    if group == MADE_UP:
        return look(stranger(picture, rng), spec, rng)
    if group == BLEMISHED:
        pixels = blemished(picture.pixels, picture.mask, rng)
        return look(replace(picture, pixels=pixels, grade="damaged", ripeness=UNTOLD, damage=1), spec, rng)
    return look(picture, spec, rng)


def _joined(paths: Sequence[Path]) -> Looks:
    parts = []
    for path in paths:
        with np.load(path, allow_pickle=False) as stored:
            parts.append(dict(stored))
    names = ("maps", "cells", "targets", "fruit", "groups")
    whole = {name: np.concatenate([part[name] for part in parts]) for name in names}
    name = hashlib.sha256("".join(path.name for path in paths).encode()).hexdigest()
    return Looks(scale=float(parts[0]["scale"]), zero=int(parts[0]["zero"]), name=name, **whole)


class _Trunk:
    """The frozen part on the device's runtime, one thread."""

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415  (each process its own)

        self._net = Interpreter(model_path=str(path), num_threads=1)
        self._net.allocate_tensors()
        (given,), (told,) = self._net.get_input_details(), self._net.get_output_details()
        self._input, self._output = given["index"], told["index"]
        self.quantization: tuple[float, int] = told["quantization"]

    def __call__(self, tensor: NDArray[np.uint8]) -> NDArray[np.int8]:
        self._net.set_tensor(self._input, tensor[np.newaxis])
        self._net.invoke()
        return np.asarray(self._net.get_tensor(self._output)[0], np.int8)
