from dataclasses import replace
from pathlib import Path

import pytest

from edge.bundle import FACTORY, Bundle, load_bundle
from edge.errors import UsageFault
from training.command import evaluate
from training.dataset import Picture
from training.evaluation.against import compare, fewer
from training.sources import held_out


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    found = [picture for picture in held_out(None, {}, 4) if picture.grade in ("green", "red") and picture.order < 4]
    fruit = sorted({picture.fruit for picture in found})[::6]
    return [replace(picture, source="line") for picture in found if picture.fruit in fruit]


def blind() -> Bundle:
    """The factory's, to which every fruit is strange."""
    own = load_bundle(FACTORY)
    thresholds = own.manifest.thresholds.model_copy(update={"most_unknown": 0.0})
    manifest = own.manifest.model_copy(update={"thresholds": thresholds, "name": "blind"})
    return Bundle(folder=own.folder, manifest=manifest, digest=own.digest)


def test_a_bundle_that_is_right_about_fewer_may_not_leave(pictures: list[Picture]) -> None:
    found = compare(blind(), load_bundle(FACTORY), pictures)
    assert not found["may_leave"]
    assert found["chance"] < 0.01
    assert found["only"] == {"new": 0, "old": found["right"]["old"] - found["right"]["new"]}


def test_one_that_is_as_good_may(pictures: list[Picture]) -> None:
    found = compare(load_bundle(FACTORY), load_bundle(FACTORY), pictures)
    assert found["may_leave"]
    assert found["chance"] == 1.0
    assert sum(row["fruit"] for row in found["grades"].values()) == found["fruit"]


def test_fruit_that_one_of_them_has_learned_from_are_refused(pictures: list[Picture]) -> None:
    own = load_bundle(FACTORY)
    origin = own.manifest.origin.model_copy(update={"trained_on": {"line": [pictures[0].fruit]}})
    manifest = own.manifest.model_copy(update={"origin": origin})
    taught = Bundle(folder=own.folder, manifest=manifest, digest=own.digest)
    with pytest.raises(UsageFault, match=f"has learned from line/{pictures[0].fruit}"):
        compare(taught, own, pictures)


def test_the_chance_is_that_of_a_fair_coin() -> None:
    assert fewer(0, 0) == 1.0
    assert fewer(0, 3) == 1 / 8
    assert fewer(1, 2) == 1 / 2


def test_a_version_without_held_fruit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dataset.csv").write_text("file,fruit,label\n", encoding="utf-8")
    with pytest.raises(UsageFault, match="no fruit of the split held"):
        evaluate("factory", tmp_path / "out", against="factory", data=str(tmp_path))


def test_what_is_no_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=r"no dataset\.csv here"):
        evaluate("factory", tmp_path / "out", against="factory", data=str(tmp_path))
