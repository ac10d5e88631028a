"""Fit the network on looks that were made before: heads first, then the trunk's last stages; resumable by the epoch."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.errors import UsageFault
from training import network
from training.dataset import UNTOLD
from training.looks import Looks
from training.quiet import quiet
from training.recipe import Recipe
from training.trunk.network import Untyped

THREADS = 2
_SMOOTHING = 0.03
_DECAY = 1e-3


@dataclass(frozen=True, slots=True)
class Phase:
    """Epochs `first` to `last` (counted from 0, `last` not among them) at a rate that falls from `rate` to nothing."""

    first: int
    last: int
    rate: float
    trunk: bool
    """Whether the trunk's stages that are not frozen learn."""


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


def phases(recipe: Recipe) -> list[Phase]:
    plan = recipe.training
    whole = plan.epochs + plan.tuned_epochs
    found = [
        Phase(0, plan.epochs, plan.learning_rate, trunk=not recipe.network.pretrained),
        Phase(plan.epochs, whole, plan.tuned_rate, trunk=True),
    ]
    return [phase for phase in found if phase.first < phase.last]


def fit(
    grader: network.Grader,
    looks: Looks,
    recipe: Recipe,
    work: Path,
    say: Callable[[int, float], None],
    left_out: Collection[str] = (),
) -> None:
    """Train in place, without the fruit `left_out`. `say` is told each finished epoch and its loss. Each is kept in
    `work`, and what was done there before is not done again."""
    import keras  # noqa: PLC0415  (slow, and only training needs it)

    maps, cells = keras.Input(looks.maps.shape[1:]), keras.Input(looks.cells.shape[1:])
    told = keras.layers.Rescaling(looks.scale, offset=-looks.zero * looks.scale)(maps)
    model = keras.Model([maps, cells], grader.top([told, cells])[network.SCORES])
    share = looks.shares({**recipe.looks.weights, **recipe.training.weights}, left_out)
    for phase in phases(recipe):
        for layer in grader.trunk:
            layer.trainable = phase.trunk
        _run(model, looks, share, recipe, phase, _Kept(work, model), say)


def _run(
    model: Untyped,
    looks: Looks,
    share: Untyped,
    recipe: Recipe,
    phase: Phase,
    kept: _Kept,
    say: Callable[[int, float], None],
) -> None:
    import keras  # noqa: PLC0415  (slow, and only training needs it)

    plan = recipe.training
    count = plan.looks // plan.batch * plan.batch
    steps = (phase.last - phase.first) * (count // plan.batch)
    warm = steps // 12 + 1
    rate = keras.optimizers.schedules.CosineDecay(
        phase.rate / 10, steps - warm, alpha=0.01, warmup_target=phase.rate, warmup_steps=warm
    )
    loss = one_softmax if recipe.network.heads == "one" else masked_loss
    model.compile(optimizer=keras.optimizers.AdamW(rate, weight_decay=_DECAY), loss=loss, jit_compile=False)
    for epoch in range(kept.resume(phase), phase.last):
        rng = np.random.default_rng([recipe.seed, epoch])
        picked = rng.choice(len(share), count, p=share)
        given = [looks.maps[picked], looks.cells[picked]]
        told = model.fit(given, looks.targets[picked], batch_size=plan.batch, shuffle=False, verbose=0)
        kept.keep(epoch + 1)
        say(epoch + 1, float(told.history["loss"][-1]))


class _Kept:
    """The newest epoch of one training, with the optimizer's state, in a folder."""

    def __init__(self, work: Path, model: Untyped) -> None:
        import tensorflow  # noqa: PLC0415  (slow, and only training needs it)

        self._model = model
        self._epoch = tensorflow.Variable(0, dtype=tensorflow.int64)
        self._place = str(work / "epochs")
        self._tensorflow = tensorflow

    def resume(self, phase: Phase) -> int:
        """The epoch to go on with."""
        self._model.optimizer.build(self._model.trainable_variables)
        state = self._tensorflow.train.Checkpoint(model=self._model, optimizer=self._model.optimizer, epoch=self._epoch)
        self._manager = self._tensorflow.train.CheckpointManager(state, self._place, max_to_keep=1)
        newest = self._manager.latest_checkpoint
        if newest is None:
            return phase.first
        done = int(self._tensorflow.train.load_variable(newest, "epoch/.ATTRIBUTES/VARIABLE_VALUE"))
        if phase.first < done <= phase.last:
            state.restore(newest).expect_partial()
        return max(done, phase.first)

    def keep(self, epoch: int) -> None:
        self._epoch.assign(epoch)
        self._manager.save(checkpoint_number=epoch)


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


def one_softmax(targets: Untyped, scores: Untyped) -> Untyped:
    """Cross-entropy over the three grades, damaged and unknown, of looks that are wholly one of them."""
    from keras import ops  # noqa: PLC0415  (slow, and only training needs it)

    targets = ops.cast(targets, "int32")
    ripest = ops.max(scores[:, :3], axis=-1)
    damaged = scores[:, 3] + ripest
    unknown = ops.maximum(ripest, damaged) - scores[:, 4]
    five = ops.log_softmax(ops.concatenate([scores[:, :3], damaged[:, None], unknown[:, None]], axis=-1))
    sound = ops.where((targets[:, 0] != UNTOLD) & (targets[:, 1] == 0), targets[:, 0], UNTOLD)
    one = ops.where(targets[:, 2] == 0, 4, ops.where(targets[:, 1] == 1, 3, sound))
    taught = ops.cast(one != UNTOLD, "float32")
    sides = ops.one_hot(ops.maximum(one, 0), 5) * (1 - _SMOOTHING) + _SMOOTHING / 5
    return ops.sum(-ops.sum(sides * five, axis=-1) * taught) / ops.maximum(ops.sum(taught), 1.0)
