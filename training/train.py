"""Fit the network: balanced looks drawn anew for every epoch; one loss a head, masked where nothing is taught."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edge.bundle import Preprocessing
from edge.errors import UsageFault
from training.augment import TRAINING, Strength, look, stranger
from training.dataset import UNTOLD, Picture, by_fruit, group_of
from training.network import Untyped
from training.quiet import quiet
from training.recipe import Recipe

if TYPE_CHECKING:
    import keras

THREADS = 2
MADE_UP = "made-up:unknown"
_SMOOTHING = 0.03

Looks = tuple[NDArray[np.uint8], NDArray[np.int8]]


class Sampler:
    """Draws looks: first a group by its weight, then a fruit, then a view of it, so that neither a fruit with many
    photographs nor a common grade teaches more than its share."""

    def __init__(self, pictures: Sequence[Picture], weights: dict[str, float], spec: Preprocessing, seed: int) -> None:
        groups: dict[str, list[Picture]] = defaultdict(list)
        for picture in pictures:
            groups[group_of(picture)].append(picture)
        self._groups = {name: list(by_fruit(found).values()) for name, found in sorted(groups.items())}
        self._tomatoes = [views for name, fruit in self._groups.items() if "unknown" not in name for views in fruit]
        self._names = [*self._groups, MADE_UP]
        share = np.array([weights.get(name, 1.0) for name in self._names])
        self._share = share / share.sum()
        self._spec = spec
        self._seed = seed

    @property
    def groups(self) -> dict[str, int]:
        """Group to the number of its physical fruit."""
        return {name: len(fruit) for name, fruit in self._groups.items()}

    def draw(self, epoch: int, count: int, strength: Strength = TRAINING) -> Looks:
        """Tensors (count, N, N, 3) uint8 and targets (count, 3) int8, the same for the same seed and epoch."""
        rng = np.random.default_rng([self._seed, epoch])
        side = self._spec.size_px
        tensors = np.empty((count, side, side, 3), np.uint8)
        targets = np.empty((count, 3), np.int8)
        for n, group in enumerate(rng.choice(len(self._names), count, p=self._share)):
            tensors[n], targets[n] = look(self._picture(self._names[group], rng), self._spec, rng, strength)
        return tensors, targets

    def _picture(self, name: str, rng: np.random.Generator) -> Picture:
        fruit = self._tomatoes if name == MADE_UP else self._groups[name]
        views = fruit[int(rng.integers(len(fruit)))]
        picture = views[int(rng.integers(len(views)))]
        return stranger(picture, rng) if name == MADE_UP else picture


def start_tensorflow(seed: int) -> Untyped:
    """Import TensorFlow, quiet, seeded and on few threads. Raises UsageFault where it is not installed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    try:
        with quiet():
            import tensorflow  # noqa: PLC0415  (slow, and only training needs it)
    except ImportError:
        raise UsageFault(
            "TensorFlow is not installed here: run `make training` in a checkout, then .venv-training/bin/sorter"
        ) from None
    tensorflow.config.threading.set_intra_op_parallelism_threads(THREADS)
    tensorflow.config.threading.set_inter_op_parallelism_threads(THREADS)
    tensorflow.keras.utils.set_random_seed(seed)
    return tensorflow


def fit(model: keras.Model, sampler: Sampler, recipe: Recipe, say: Callable[[int, float], None]) -> None:
    """Train in place. `say` is told each finished epoch and its loss. The next epoch's looks are drawn meanwhile."""
    import keras  # noqa: PLC0415  (slow, and only training needs it)

    plan = recipe.training
    steps = plan.epochs * plan.passes * (plan.looks // plan.batch)
    warm = steps // 12 + 1
    rate = keras.optimizers.schedules.CosineDecay(
        plan.learning_rate / 10, steps - warm, alpha=0.01, warmup_target=plan.learning_rate, warmup_steps=warm
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=1e-3), loss={"scores": masked_loss}, jit_compile=False
    )
    count = plan.looks // plan.batch * plan.batch
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(sampler.draw, 0, count)
        for epoch in range(plan.epochs):
            tensors, targets = coming.result()
            if epoch + 1 < plan.epochs:
                coming = ahead.submit(sampler.draw, epoch + 1, count)
            told = model.fit(tensors, {"scores": targets}, batch_size=plan.batch, epochs=plan.passes, verbose=0)
            say(epoch + 1, float(told.history["loss"][-1]))


def masked_loss(targets: Untyped, scores: Untyped) -> Untyped:
    """Cross-entropies of the three heads, each over the looks that teach it, added up."""
    from keras import ops  # noqa: PLC0415  (slow, and only training needs it)

    targets = ops.cast(targets, "int32")
    taught = ops.cast(ops.not_equal(targets, UNTOLD), "float32")
    sides = ops.one_hot(ops.maximum(targets[:, 0], 0), 3) * (1 - _SMOOTHING) + _SMOOTHING / 3
    ripeness = -ops.sum(sides * ops.log_softmax(scores[:, :3]), axis=-1)
    yes = ops.cast(targets[:, 1:], "float32") * (1 - 2 * _SMOOTHING) + _SMOOTHING
    two = ops.softplus(scores[:, 3:]) - yes * scores[:, 3:]
    losses = ops.concatenate([ripeness[:, None], two], axis=-1)
    return ops.sum(ops.sum(losses * taught, axis=0) / ops.maximum(ops.sum(taught, axis=0), 1.0))
