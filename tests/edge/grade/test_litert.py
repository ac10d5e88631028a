import hashlib
import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bundle import FACTORY, Bundle, load_bundle
from edge.errors import BundleFault
from edge.grade.litert import LiteRTGrader, golden_faults, scores_of, sharpness

logits = st.floats(-50, 50)


@pytest.fixture
def changed(tmp_path: Path):
    """Copies the factory bundle with some files' bytes replaced, its manifest true to them."""

    def copy(**files: bytes) -> Bundle:
        folder = tmp_path / "bundle"
        shutil.copytree(FACTORY, folder)
        manifest = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
        for stem, data in files.items():
            (path,) = folder.glob(f"{stem}.*")
            path.write_bytes(data)
            manifest["files"][path.name] = hashlib.sha256(data).hexdigest()
        (folder / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
        return load_bundle(folder)

    return copy


def test_the_factory_bundle_grades_here_as_it_did_in_training() -> None:
    assert golden_faults(load_bundle(FACTORY)) == []


def test_golden_layers_that_differ_are_named_each(changed, tmp_path: Path) -> None:
    with np.load(FACTORY / "golden.npz") as stored:
        golden = dict(stored)
    golden["outputs"] = golden["outputs"].copy()
    golden["outputs"][1] ^= 64
    golden["crops_0"] = 255 - golden["crops_0"]
    np.savez(tmp_path / "golden.npz", **golden)
    faults = golden_faults(changed(golden=(tmp_path / "golden.npz").read_bytes()))
    assert len(faults) == 2
    assert "crop 0" in faults[0]
    assert "tensor 1" in faults[1]


@pytest.mark.parametrize("data", [b"", b"no archive"])
def test_golden_layers_that_cannot_be_read_are_a_fault_of_the_bundle(changed, data: bytes) -> None:
    with pytest.raises(BundleFault, match=r"golden.npz: cannot be read"):
        golden_faults(changed(golden=data))


@pytest.mark.parametrize("data", [b"", b"TFL3 but not really", (FACTORY / "model.tflite").read_bytes()[:20_000]])
def test_weights_that_cannot_run_are_a_fault_of_the_bundle(changed, data: bytes) -> None:
    with pytest.raises(BundleFault, match=r"model.tflite") as fault:
        LiteRTGrader(changed(model=data))
    assert "\n" not in str(fault.value)


def test_an_input_of_another_size_than_the_manifest_says_is_a_fault_of_the_bundle(changed) -> None:
    bundle = changed()
    other = bundle.manifest.preprocessing.model_copy(update={"size_px": 48})
    manifest = bundle.manifest.model_copy(update={"preprocessing": other})
    with pytest.raises(BundleFault, match=r"must be uint8 \(1, 48, 48, 3\)"):
        LiteRTGrader(bundle.model_copy(update={"manifest": manifest}))


@given(logits, logits, logits, logits)
def test_scores_are_probabilities(green: float, turning: float, red: float, damage: float) -> None:
    scores = scores_of(green, turning, red, damage)
    assert sum(scores) == pytest.approx(1)
    assert all(0 <= score <= 1 for score in scores)
    ripeness = (green, turning, red)
    best = max(range(3), key=lambda n: scores[n])
    assert ripeness[best] == pytest.approx(max(ripeness), abs=1e-6) or scores[3] > 1 - 1e-9


def test_a_blurred_crop_is_less_sharp() -> None:
    texture = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    sharp = cv2.GaussianBlur(texture, (3, 3), 0)
    along = cv2.blur(sharp, (5, 1))
    across = cv2.blur(sharp, (1, 5))
    assert sharpness(sharp) > 1.3 * sharpness(along)
    assert sharpness(sharp) > 1.3 * sharpness(across)
    assert sharpness(np.full((64, 64, 3), 90, np.uint8)) == 0


def test_the_outline_adds_no_sharpness() -> None:
    tensor = np.full((64, 64, 3), 112, np.uint8)
    cv2.circle(tensor, (32, 32), 30, (200, 30, 20), cv2.FILLED)
    assert sharpness(tensor) == 0


def test_the_runtime_is_not_heard_on_standard_error_and_everyone_else_is_again(capfd: pytest.CaptureFixture) -> None:
    LiteRTGrader(load_bundle(FACTORY))
    assert capfd.readouterr().err == ""
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"
