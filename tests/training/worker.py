"""One worker of a training on made-up looks: `python -m tests.training.worker STRATEGY FOLDER` prints its loss."""

import sys
from pathlib import Path

import numpy as np

from training import network
from training.looks import Looks
from training.recipe import Recipe, load_recipe
from training.train import fit, start_tensorflow

COUNT = 512


def recipe(strategy: str) -> Recipe:
    """The CI recipe's network, shown few looks."""
    plan, _ = load_recipe("ci")
    training = plan.training.model_copy(update={"epochs": 1, "looks": COUNT, "strategy": strategy})
    return plan.model_copy(update={"training": training})


def made_up(shape: tuple[int, ...]) -> Looks:
    """Noise, brighter where it is damaged and of another colour for each ripeness."""
    rng = np.random.default_rng(3)
    targets = np.stack([rng.integers(-1, 3, COUNT), rng.integers(-1, 2, COUNT), rng.integers(0, 2, COUNT)], axis=1)
    maps = rng.integers(-128, 60, (COUNT, *shape)) + 40 * targets[:, 1, None, None, None]
    cells = rng.integers(0, 160, (COUNT, 24, 24, 3)) + 30 * targets[:, 0, None, None, None]
    fruit = np.array([f"f/{n}" for n in range(COUNT)])
    told = targets.astype(np.int8)
    maps, cells = maps.clip(-128, 127).astype(np.int8), cells.clip(0).astype(np.uint8)
    return Looks(maps, 0.05, 0, cells, told, fruit, fruit, "made-up")


def main(strategy: str, work: Path) -> None:
    plan = recipe(strategy)
    spread = start_tensorflow(plan.seed, strategy)
    told: list[float] = []
    with spread.strategy.scope():
        grader = network.build(plan.network, plan.input.size_px)
        looks = made_up(grader.top.inputs[0].shape[1:])
        fit(grader, looks, plan, spread, spread.place(work), lambda _, loss: told.append(loss))
    sys.stdout.write(f"{told[-1]!r}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
