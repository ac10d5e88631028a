import shutil
from pathlib import Path

import numpy as np
import pytest

from edge.bundle import FACTORY, MANIFEST, Bundle, Manifest, load_bundle
from edge.errors import UsageFault
from edge.grade.litert import LiteRTGrader, golden_faults
from training import release
from training.builtin import atlas_folder, read_atlas
from training.dataset import Picture
from training.papers.writing import PAPERS


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    return read_atlas(atlas_folder(), "train")[0][:60]


@pytest.fixture(scope="module")
def factory() -> Bundle:
    return load_bundle(FACTORY)


def alone(factory: Bundle) -> Manifest:
    """The factory's manifest, for a bundle without a reference."""
    return factory.manifest.model_copy(update={"unknown": None})


def written(folder: Path, factory: Bundle, pictures: list[Picture]) -> Bundle:
    golden = release.golden_layers(LiteRTGrader(factory), pictures, factory.manifest)
    return release.write_bundle(folder, alone(factory), factory.weights.read_bytes(), golden)


@pytest.mark.slow
def test_a_written_bundle_loads_and_keeps_its_golden_layers(
    tmp_path: Path, factory: Bundle, pictures: list[Picture]
) -> None:
    bundle = written(tmp_path / "new", factory, pictures)
    assert golden_faults(bundle) == []
    assert set(PAPERS) < set(bundle.manifest.files)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


@pytest.mark.slow
def test_the_same_training_again_gives_the_same_bytes_and_another_is_told(
    tmp_path: Path, factory: Bundle, pictures: list[Picture]
) -> None:
    one, again = (written(tmp_path / name, factory, pictures) for name in ("one", "again"))
    assert release.differences(one, again) == []
    assert one.digest == again.digest
    origin = factory.manifest.origin.model_copy(update={"seed": 7})
    golden = release.golden_layers(LiteRTGrader(factory), pictures, factory.manifest)
    other = release.write_bundle(
        tmp_path / "other", alone(factory).model_copy(update={"origin": origin}), b"else", golden
    )
    assert {MANIFEST, "model.tflite"} <= set(release.differences(one, other))


@pytest.mark.slow
def test_a_bundle_replaces_a_bundle(tmp_path: Path, factory: Bundle, pictures: list[Picture]) -> None:
    shutil.copytree(FACTORY, tmp_path / "old")
    (tmp_path / "old" / "left.txt").touch()
    written(tmp_path / "old", factory, pictures)
    assert not (tmp_path / "old" / "left.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_a_folder_with_something_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "photographs").mkdir()
    (tmp_path / "photographs" / "one.jpg").touch()
    for path in (tmp_path / "photographs", tmp_path / "photographs" / "one.jpg"):
        with pytest.raises(UsageFault, match="give a new or an empty folder to --out"):
            release.check_target(path)
    assert (tmp_path / "photographs" / "one.jpg").exists()


@pytest.mark.slow
def test_a_failure_half_way_leaves_the_old_bundle_whole(tmp_path: Path, factory: Bundle) -> None:
    shutil.copytree(FACTORY, tmp_path / "bundle")
    broken = factory.manifest.model_copy(update={"labels": ("green",)})
    with pytest.raises(Exception, match="labels green"):
        release.write_bundle(tmp_path / "bundle", broken, b"weights", {"tensors": np.zeros(1)})
    assert load_bundle(tmp_path / "bundle").digest == factory.digest
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_no_photograph_gets_into_a_bundle(factory: Bundle, pictures: list[Picture]) -> None:
    first = pictures[0]
    photograph = Picture("ageing", "a", 0, first.pixels, first.mask, "red", 2, 0, 1)
    with pytest.raises(ValueError, match="rendered fruit alone"):
        release.golden_layers(LiteRTGrader(factory), [*pictures, photograph], factory.manifest)


def test_the_factory_bundle_is_whole_and_runs_as_it_was_trained(factory: Bundle) -> None:
    assert (FACTORY / MANIFEST).is_file()
    assert golden_faults(factory) == []
    assert sum(path.stat().st_size for path in FACTORY.iterdir()) <= 1_500_000
    learned = factory.manifest.origin.trained_on
    assert not any("held" in skin for skin in learned["builtin"])
    assert "lab" not in learned
