from pathlib import Path
from types import SimpleNamespace

import numpy as np

from edge.bundle import FACTORY, REFERENCE, load_bundle
from edge.grade.litert import LiteRTGrader, golden_faults
from training import builtin
from training.dataset import Dataset
from training.making import finish
from training.recipe import load_recipe


def test_what_is_made_of_weights_has_a_reference_that_its_tomatoes_are_not_strange_to(
    small_atlas: Path, tmp_path: Path
) -> None:
    factory = load_bundle(FACTORY)
    recipe, text = load_recipe("ci")
    recipe = recipe.model_copy(update={"input": factory.manifest.preprocessing})
    learned, files = builtin.read_atlas(small_atlas, "train")
    dataset = Dataset({"train": learned, "validation": learned, "held": []}, tuple(files))
    prepared = SimpleNamespace(recipe=recipe, text=text, dataset=dataset)
    trained = SimpleNamespace(weights=factory.weights.read_bytes())
    bundle, _ = finish(prepared, trained, tmp_path / "made")
    assert bundle.manifest.unknown is not None
    assert REFERENCE in bundle.manifest.files
    assert golden_faults(bundle) == []
    grader = LiteRTGrader(bundle)
    with np.load(bundle.folder / "golden.npz") as stored:
        tensors = stored["tensors"]
    assert np.median([grader.grade_tensor(tensor).unknown_score for tensor in tensors]) < 0.3
