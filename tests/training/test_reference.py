import numpy as np
import pytest

from edge.grade.unknown import Strangeness
from training.reference import reference_of, weights_of


@pytest.fixture
def tomatoes() -> tuple[np.ndarray, np.ndarray]:
    """Two sources of unlike means; the last feature never varies."""
    rng = np.random.default_rng(3)
    spread = rng.normal(size=(6, 6)) * 6
    rows = np.concatenate([rng.normal(size=(400, 6)) @ spread, rng.normal(size=(400, 6)) @ spread + 20])
    rows = np.clip(np.rint(np.hstack([rows, np.zeros((800, 1))])), -128, 127).astype(np.int8)
    return rows, np.array(["one"] * 400 + ["two"] * 400)


def distances(reference, rows: np.ndarray) -> np.ndarray:
    return np.array([reference.distance(row) for row in rows])


def test_tomatoes_of_every_source_are_near_the_reference(tomatoes) -> None:
    rows, sources = tomatoes
    found = distances(reference_of(rows, sources), rows)
    for source in ("one", "two"):
        assert 0.1 < np.median(found[sources == source]) <= 1.1


def test_a_feature_that_never_varied_is_no_infinite_surprise_but_one(tomatoes) -> None:
    rows, sources = tomatoes
    reference = reference_of(rows, sources)
    moved = rows.copy()
    moved[:, -1] = 60
    assert np.isfinite(distances(reference, moved)).all()
    assert (distances(reference, moved) > distances(reference, rows) + 0.5).all()


def test_the_order_of_the_features_does_not_matter(tomatoes) -> None:
    rows, sources = tomatoes
    order = np.array([3, 0, 6, 1, 5, 2, 4])
    one, other = reference_of(rows, sources), reference_of(rows[:, order], sources)
    assert distances(one, rows) == pytest.approx(distances(other, rows[:, order]), rel=1e-3)


def test_a_source_with_few_looks_counts_as_much_as_one_with_many(tomatoes) -> None:
    rows, sources = tomatoes
    few = np.r_[:400, 400:440]
    reference = reference_of(rows[few], sources[few])
    assert np.median(distances(reference, rows[sources == "two"])) < 1.3


def test_tomatoes_of_no_source_are_strange_by_the_weights_chosen_on_them(tomatoes) -> None:
    rows, sources = tomatoes
    reference = reference_of(rows[::2], sources[::2])
    known = np.random.default_rng(1).normal(4, 1, 400)
    weights = weights_of(reference, (known, rows[1::2], sources[1::2]))
    score = Strangeness(reference, weights)
    refused = [score(logit, row) > 0.5 for logit, row in zip(known, rows[1::2], strict=True)]
    assert np.mean(refused) <= 0.03
    assert score(-4.0, rows[1]) > 0.9
    assert score(4.0, np.full(7, 127, np.int8)) > 0.9
