"""The same recipe with some fruit left out whole: what a bundle says of fruit, kinds and cultivars it never learned.

The looks are made once and kept in a folder; leaving fruit out is a filter over them, so one more training costs what
the heads cost. In a process with TensorFlow:

    prepared = open_recipe("factory", "/path/of/photographs", Path("/tmp/folds"), print)   # or the data "builtin"
    for left_out in folds_by_fruit(keys, 5):               # or any set of fruit keys: a kind, a cultivar, a source
        bundle = without(prepared, left_out)               # trained, int8, thresholds of the validation fruit
        grader = LiteRTGrader(bundle)                      # the device's own: .grade(detections), .invoke(tensor)

A fruit's key is `Picture.fruit_key`: "ageing/fruit_Aa", "turntable/Tomato_9", "builtin/builtin/train/red-017",
"shop/Orange/Orange_001". `prepared.dataset.parts` has all pictures: "train" is what is learned from, and only fruit of
"train" and "validation" can be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from edge.bundle import MANIFEST, Bundle, load_bundle
from training.dataset import lot
from training.making import finish
from training.preparing import Prepared, prepare
from training.recipe import load_recipe
from training.sources import gather


def open_recipe(recipe: str, data: str, work: Path, say: Callable[[str], None], *, held: bool = True) -> Prepared:
    """Read the pictures ("builtin" or a folder of photographs) and make the looks, or read them from `work`. Without
    `held` no photograph is held out but by the folds."""
    plan, text = load_recipe(recipe)
    if not held:
        none = {"ageing_held": 0.0, "turntable_held": [], "turntable_validation": []}
        plan = plan.model_copy(update={"data": plan.data.model_copy(update=none)})
    return prepare(plan, text, gather(plan, data), work, say)


def without(prepared: Prepared, left_out: Collection[str]) -> Bundle:
    """A bundle that never saw these fruit: made once, then read from the folder of work. It has no figures in it: it
    is for measuring, not for machines."""
    folder = prepared.folder(left_out) / "bundle"
    if (folder / MANIFEST).is_file():
        return load_bundle(folder)
    prepared.say(f"training without {len(set(left_out))} fruit")
    return finish(prepared, prepared.train(left_out), folder, left_out)[0]


def folds_by_fruit(keys: Iterable[str], count: int) -> list[frozenset[str]]:
    """The fruit of each fold, by lot, as even as can be, and the same on every machine."""
    ordered = sorted(set(keys), key=lambda key: lot(f"fold/{key}"))
    return [frozenset(ordered[n::count]) for n in range(count)]
