"""All that a recipe's training starts from: its pictures, the looks made of them, and TensorFlow."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from training import network, quantise
from training.dataset import Dataset
from training.looks import Looks, drawn, make_looks
from training.recipe import Recipe
from training.spread import Spread
from training.train import fit, start_anew, start_tensorflow
from training.trunk.network import Untyped


@dataclass(frozen=True, slots=True)
class Prepared:
    """A recipe, its pictures, and the looks made of them. `work` keeps looks, epochs and the bundles of folds."""

    recipe: Recipe
    text: str
    dataset: Dataset
    work: Path
    spread: Spread
    calibration: Untyped
    """Tensors (n, N, N, 3) uint8 that quantisation takes its ranges from."""
    looks: Looks
    say: Callable[[str], None]

    def train(self, left_out: Collection[str] = (), epoch: Callable[[int, float], None] | None = None) -> Trained:
        """The network and its int8 weights, without the fruit of these keys."""
        start_anew(self.spread.tensorflow, self.recipe.seed)
        with self.spread.strategy.scope():
            model = network.build(self.recipe.network, self.recipe.input.size_px)
            told = epoch or (lambda number, loss: self.say(f"epoch {number}, loss {loss:.3f}"))
            fit(model, self.looks, self.recipe, self.spread, self.folder(left_out), told, left_out)
        whole = self._alone(model)
        return Trained(whole, quantise.to_int8(self.spread.tensorflow, whole.whole, self.calibration))

    def _alone(self, model: network.Grader) -> network.Grader:
        """The same network without a strategy: what is spread cannot be converted."""
        if self.recipe.training.strategy == "none":
            return model
        alone = network.build(self.recipe.network, self.recipe.input.size_px)
        alone.whole.set_weights(model.whole.get_weights())
        return alone

    def folder(self, left_out: Collection[str]) -> Path:
        """Where one training keeps its epochs: one for each recipe, its looks and the fruit left out."""
        told = hashlib.sha256(
            "\n".join([self.recipe.model_dump_json(), self.looks.name, *sorted(set(left_out))]).encode()
        ).hexdigest()[:16]
        return self.work / f"without-{told}"


@dataclass(frozen=True, slots=True)
class Trained:
    model: network.Grader
    weights: bytes
    """int8 TFLite."""


def prepare(recipe: Recipe, text: str, dataset: Dataset, work: Path, say: Callable[[str], None]) -> Prepared:
    """Make the looks, or read from `work` those that are there."""
    spread = start_tensorflow(recipe.seed, recipe.training.strategy)
    work, tensorflow = spread.place(work), spread.tensorflow
    learned = dataset.parts["train"]
    calibration = drawn(recipe, learned, quantise.CALIBRATION_LOOKS)
    frozen = None
    if recipe.network.frozen:
        say("quantising the frozen trunk")
        frozen = quantise.to_int8(tensorflow, network.build(recipe.network, recipe.input.size_px).frozen, calibration)
    looks = make_looks(recipe, learned, frozen, work, lambda done, whole: say(f"looks: {done} of {whole}"))
    return Prepared(recipe, text, dataset, work, spread, calibration, looks, say)
