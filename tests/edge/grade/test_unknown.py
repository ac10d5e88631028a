import hashlib
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bundle import FACTORY, GOLDEN, MANIFEST, REFERENCE, Unknown, load_bundle
from edge.errors import BundleFault
from edge.grade.litert import LiteRTGrader
from edge.grade.unknown import Reference, Strangeness, strangeness_of, unknown_score
from tests.edge.bundles import write_bundle

logits = st.floats(-1e6, 1e6)
features = st.lists(st.integers(-128, 127), min_size=4, max_size=4).map(lambda row: np.array(row, np.int8))

WEIGHTS = Unknown(known=0.8, distance=2.0, bias=-5.0)
REFERENCES = Reference(
    np.diag([0.1, 0.1, 0.2, 0.05]).astype(np.float32), np.array([[1, 1, 1, 1], [-3, 2, 0, 4]], np.float32)
)


def test_what_the_network_is_sure_to_know_is_not_strange() -> None:
    assert unknown_score(10) < 0.001
    assert unknown_score(-10) > 0.999
    assert unknown_score(0) == 0.5


@given(logits, logits)
def test_the_score_is_a_fraction_and_falls_as_the_logit_grows(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= unknown_score(high) <= unknown_score(low) <= 1


def test_features_of_a_learned_look_are_at_no_distance() -> None:
    assert REFERENCES.distance(np.array([10, 10, 5, 20], np.int8)) == pytest.approx(0, abs=1e-6)
    assert REFERENCES.distance(np.array([-30, 20, 0, 80], np.int8)) == pytest.approx(0, abs=1e-6)


def test_the_distance_is_the_root_mean_square_over_the_axes_from_the_nearest_look() -> None:
    # 1.0, 0, 0 and 0 deviations from the first look, much more from the second.
    assert REFERENCES.distance(np.array([20, 10, 5, 20], np.int8)) == pytest.approx(math.sqrt(1 / 4))


def test_the_looks_nearer_than_the_one_that_counts_are_passed_over() -> None:
    second = Reference(REFERENCES.whiten, REFERENCES.looks, neighbour=2)
    here = np.array([20, 10, 5, 20], np.int8)
    assert second.distance(here) == pytest.approx(Reference(REFERENCES.whiten, REFERENCES.looks[1:]).distance(here))


@given(logits, logits, features)
def test_the_score_of_both_is_a_fraction_and_falls_as_the_logit_grows(
    one: float, other: float, seen: np.ndarray
) -> None:
    score = Strangeness(REFERENCES, WEIGHTS)
    low, high = sorted((one, other))
    assert 0 <= score(high, seen) <= score(low, seen) <= 1


@given(st.floats(-5, 5), features)
def test_what_is_further_from_tomatoes_is_no_less_strange(known: float, seen: np.ndarray) -> None:
    score = Strangeness(REFERENCES, WEIGHTS)
    nearer = (0.5 * seen.astype(np.float64)).astype(np.int8)
    one, other = sorted((seen, nearer), key=REFERENCES.distance)
    assert score(known, one) <= score(known, other) + 1e-9


@pytest.fixture
def write(tmp_path: Path):
    def write(**arrays: np.ndarray) -> Path:
        np.savez(tmp_path / REFERENCE, **arrays)
        return tmp_path / REFERENCE

    return write


def test_a_reference_comes_back_as_it_was_written(write) -> None:
    path = write(whiten=REFERENCES.whiten, looks=REFERENCES.looks, neighbour=1)
    seen = np.array([3, -20, 99, 7], np.int8)
    assert strangeness_of(path, WEIGHTS, 4)(1.5, seen) == Strangeness(REFERENCES, WEIGHTS)(1.5, seen)


def test_without_weights_the_head_decides_alone_and_no_file_is_read(tmp_path: Path) -> None:
    score = strangeness_of(tmp_path / "none.npz", None, 4)
    assert score(1.5, np.zeros(4, np.int8)) == unknown_score(1.5)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"whiten": REFERENCES.whiten}, "looks"),
        ({"whiten": REFERENCES.whiten.astype(np.float64), "looks": REFERENCES.looks, "neighbour": 1}, "float64"),
        ({"whiten": REFERENCES.whiten[:3], "looks": REFERENCES.looks, "neighbour": 1}, "do not go with"),
        ({"whiten": REFERENCES.whiten, "looks": REFERENCES.looks[:0], "neighbour": 1}, "do not go with"),
        ({"whiten": np.full((4, 4), np.nan, np.float32), "looks": REFERENCES.looks, "neighbour": 1}, "not finite"),
    ],
)
def test_a_reference_that_cannot_be_is_refused_in_one_line(write, arrays: dict[str, np.ndarray], said: str) -> None:
    with pytest.raises(BundleFault, match=said) as fault:
        strangeness_of(write(**arrays), WEIGHTS, 4)
    assert "\n" not in str(fault.value)
    assert REFERENCE in str(fault.value)


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04 cut short"])
def test_a_reference_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / REFERENCE).write_bytes(data)
    with pytest.raises(BundleFault, match=r"reference.npz: cannot be read") as fault:
        strangeness_of(tmp_path / REFERENCE, WEIGHTS, 4)
    assert "\n" not in str(fault.value)


def test_a_reference_for_another_network_is_refused(write) -> None:
    path = write(whiten=REFERENCES.whiten, looks=REFERENCES.looks, neighbour=1)
    with pytest.raises(BundleFault, match="a reference for 4 features: the network gives 88"):
        strangeness_of(path, WEIGHTS, 88)


def test_a_bundle_that_speaks_of_a_reference_must_have_one(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "bundle", unknown=WEIGHTS.model_dump())
    with pytest.raises(BundleFault, match=r"files: reference.npz is not listed"):
        load_bundle(folder)


def test_a_bundle_from_before_there_were_references_loads(tmp_path: Path) -> None:
    assert load_bundle(write_bundle(tmp_path / "bundle")).manifest.unknown is None


def test_a_bundle_with_a_reference_is_graded_by_it(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(FACTORY, folder)
    with np.load(FACTORY / GOLDEN) as stored:
        tensor, features = stored["tensors"][0], stored["features"][0]
    whiten = np.eye(len(features), dtype=np.float32)
    np.savez(folder / REFERENCE, whiten=whiten, looks=features[None].astype(np.float32), neighbour=1)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"][REFERENCE] = hashlib.sha256((folder / REFERENCE).read_bytes()).hexdigest()
    manifest["unknown"] = {"known": 0.0, "distance": 1.0, "bias": -2.0}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    grades = LiteRTGrader(load_bundle(folder)).grade_tensor(tensor)
    assert grades.unknown_score == pytest.approx(1 / (1 + math.exp(2.0)), abs=0.01)
