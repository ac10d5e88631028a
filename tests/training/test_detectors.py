import numpy as np
import pytest

from training.detectors import Outputs, detectors


def outputs(rng: np.random.Generator, count: int, *, strange: bool) -> Outputs:
    """Tomatoes of two sources lie on a plane of the features; strangers lie off it, and no ripeness is sure of them."""
    plane = np.array([[20, 0], [0, 15], [10, -10], [0, 0], [5, 5], [0, 0]])
    rows = rng.normal(size=(count, 2)) @ plane.T + rng.normal(size=(count, 6))
    logits = np.column_stack([rng.normal(0, 0.5, (count, 2)), rng.normal(4, 0.5, count), rng.normal(0, 1, count)])
    known = rng.normal(3, 1, count)
    if strange:
        rows[:, [3, 5]] += 25
        logits[:, 2] -= 4
        known -= 5
    features = np.clip(np.rint(rows), -128, 127).astype(np.int8)
    sources = np.where(np.arange(count) % 2, "one", "two")
    return Outputs(np.column_stack([logits, known]), features, sources)


@pytest.fixture
def fitted():
    return detectors(outputs(np.random.default_rng(1), 400, strange=False))


def test_every_detector_finds_strangers_stranger_than_tomatoes_it_never_saw(fitted) -> None:
    rng = np.random.default_rng(2)
    tomatoes, strangers = outputs(rng, 200, strange=False), outputs(rng, 200, strange=True)
    assert len(fitted) == 17
    for name, detector in fitted.items():
        assert np.median(detector(strangers)) > np.quantile(detector(tomatoes), 0.85), name


def test_what_is_joined_with_the_head_is_no_worse_where_the_head_knows_nothing(fitted) -> None:
    rng = np.random.default_rng(3)
    tomatoes, strangers = outputs(rng, 200, strange=False), outputs(rng, 200, strange=True)
    blind = Outputs(
        np.column_stack([strangers.logits[:, :4], tomatoes.logits[:, 4]]), strangers.features, strangers.sources
    )
    joined, known = fitted["known+knn"], fitted["known"]
    assert np.median(known(blind)) == np.median(known(tomatoes))
    assert np.median(joined(blind)) > np.quantile(joined(tomatoes), 0.95)


def test_a_look_says_the_same_alone_as_among_others(fitted) -> None:
    seen = outputs(np.random.default_rng(4), 20, strange=False)
    first = Outputs(seen.logits[:1], seen.features[:1], seen.sources[:1])
    for name, detector in fitted.items():
        assert detector(first) == pytest.approx(detector(seen)[:1], abs=1e-6), name
