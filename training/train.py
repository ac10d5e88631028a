"""Fit the network on looks that were made before: heads first, then the trunk's last stages; resumable by the epoch."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.errors import UsageFault
from training import network
from training.looks import Looks
from training.losses import masked_loss, one_softmax
from training.quiet import quiet
from training.recipe import Recipe
from training.spread import Spread, open_spread
from training.trunk.network import Untyped

THREADS = 2
_DECAY = 1e-3


@dataclass(frozen=True, slots=True)
class Phase:
    """Epochs `first` to `last` (counted from 0, `last` not among them) at a rate that falls from `rate` to nothing."""

    first: int
    last: int
    rate: float
    trunk: bool
    """Whether the trunk's stages that are not frozen learn."""


def start_tensorflow(seed: int, strategy: str = "none") -> Spread:
    """Import TensorFlow, quiet, seeded, on few threads and spread as a recipe's `strategy` says. Raises UsageFault
    where it is not installed (see also `open_spread`)."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    try:
        with quiet():
            import tensorflow  # noqa: PLC0415  (slow, and only training needs it)
    except ImportError:
        raise UsageFault(
            "TensorFlow is not installed here: run `make training` in a checkout, then .venv-training/bin/sorter"
        ) from None
    tensorflow.get_logger().setLevel("ERROR")  # each fold is traced anew, which it would warn of
    tensorflow.config.threading.set_intra_op_parallelism_threads(THREADS)
    tensorflow.config.threading.set_inter_op_parallelism_threads(THREADS)
    spread = open_spread(tensorflow, strategy)
    start_anew(tensorflow, seed)
    return spread


def start_anew(tensorflow: Untyped, seed: int) -> None:
    """Names of layers, which go into a bundle, and numbers drawn are from here on those of a fresh process."""
    tensorflow.keras.backend.clear_session()
    tensorflow.keras.utils.set_random_seed(seed)


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
    spread: Spread,
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
        _run(_Learning(model, recipe, phase, spread), looks, share, work, say)


def _run(learning: _Learning, looks: Looks, share: Untyped, work: Path, say: Callable[[int, float], None]) -> None:
    recipe, phase, batch = learning.recipe, learning.phase, learning.recipe.training.batch
    kept = _Kept(work, learning)
    start = kept.resume(phase)
    learning.spread.agree(start)
    for epoch in range(start, phase.last):
        rng = np.random.default_rng([recipe.seed, epoch])
        picked = rng.choice(len(share), learning.steps * batch, p=share)
        losses = [
            learning.step(learning.spread.shares(looks.maps[rows], looks.cells[rows], looks.targets[rows]))
            for rows in picked.reshape(-1, batch)
        ]
        kept.keep(epoch + 1)
        say(epoch + 1, float(np.mean([float(loss) for loss in losses])))


class _Learning:
    """One phase of one training: the model with its optimizer, and `step` of them on a batch's shares, which returns
    the loss of all shares. `steps`: in an epoch."""

    def __init__(self, model: Untyped, recipe: Recipe, phase: Phase, spread: Spread) -> None:
        import keras  # noqa: PLC0415  (slow, and only training needs it)

        self.model, self.recipe, self.phase, self.spread = model, recipe, phase, spread
        self.steps = recipe.training.looks // recipe.training.batch
        steps = (phase.last - phase.first) * self.steps
        warm = steps // 12 + 1
        rate = keras.optimizers.schedules.CosineDecay(
            phase.rate / 10, steps - warm, alpha=0.01, warmup_target=phase.rate, warmup_steps=warm
        )
        self.optimizer = keras.optimizers.AdamW(rate, weight_decay=_DECAY)
        self.optimizer.build(model.trainable_variables)
        self._loss = one_softmax if recipe.network.heads == "one" else masked_loss
        self.step = spread.tensorflow.function(self._step)

    def _step(self, shares: Untyped) -> Untyped:
        spread = self.spread
        return spread.strategy.reduce("SUM", spread.strategy.run(self._learn, args=shares), axis=None)

    def _learn(self, maps: Untyped, cells: Untyped, targets: Untyped) -> Untyped:
        with self.spread.tensorflow.GradientTape() as tape:
            loss = self._loss(targets, self.model([maps, cells], training=True), self.spread.added)
        variables = self.model.trainable_variables
        # The optimizer adds the gradients of all replicas up.
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss


class _Kept:
    """The newest epoch of one training, with the optimizer's state, in a folder."""

    def __init__(self, work: Path, learning: _Learning) -> None:
        tensorflow = learning.spread.tensorflow
        self._epoch = tensorflow.Variable(0, dtype=tensorflow.int64)
        self._state = tensorflow.train.Checkpoint(model=learning.model, optimizer=learning.optimizer, epoch=self._epoch)
        self._manager = tensorflow.train.CheckpointManager(self._state, str(work / "epochs"), max_to_keep=1)
        self._read = tensorflow.train.load_variable

    def resume(self, phase: Phase) -> int:
        """The epoch to go on with."""
        newest = self._manager.latest_checkpoint
        if newest is None:
            return phase.first
        done = int(self._read(newest, "epoch/.ATTRIBUTES/VARIABLE_VALUE"))
        if phase.first < done <= phase.last:
            self._state.restore(newest).expect_partial()
        return max(done, phase.first)

    def keep(self, epoch: int) -> None:
        self._epoch.assign(epoch)
        self._manager.save(checkpoint_number=epoch)
