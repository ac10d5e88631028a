"""The same recipe, pictures and code give the same bundle."""

from pathlib import Path

import pytest

from edge.bundle import Bundle
from training import release
from training.dataset import Dataset
from training.making import finish
from training.preparing import prepare
from training.recipe import Recipe, load_recipe
from training.sources import BUILTIN, gather


def small() -> Recipe:
    recipe, _ = load_recipe("ci")
    return recipe.model_copy(
        update={
            "data": recipe.data.model_copy(update={"validation": 0.6}),
            "looks": recipe.looks.model_copy(update={"count": 256}),
            "training": recipe.training.model_copy(update={"epochs": 2, "looks": 256}),
        }
    )


@pytest.mark.slow
@pytest.mark.tensorflow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("small_atlas")
def test_training_twice_gives_the_same_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "made_utc", lambda: "2026-01-01T00:00:00+00:00")  # a changed checkout has no instant
    recipe = small()
    dataset: Dataset = gather(recipe, BUILTIN)

    def trained(name: str) -> Bundle:
        prepared = prepare(recipe, "", dataset, tmp_path / f"{name}-work", lambda _: None)
        return finish(prepared, prepared.train(), tmp_path / name)[0]

    one, again = trained("one"), trained("again")
    assert release.differences(one, again) == []
