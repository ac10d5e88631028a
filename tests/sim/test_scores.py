from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge.bundle import FACTORY, load_bundle
from edge.datapath import Detection, Frame
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.fruit import by_label, load_builtin
from sim.perception import NO_PIXELS
from sim.scores import ScoresDetector, ScoresGrader
from sim.scores_recording import record
from sim.scores_store import SHIPPED, cache, obtain, table_name
from sim.scores_table import CONDITIONS, FOUND, LOST, MERGED, in_order, load, size_class, yaw_class
from sim.setup import prepare
from tests.edge.profiles import demo
from tests.sim.worlds import EXACT, GRADES, START_NS, scenario, setup

CAMERA = demo().camera


class Disc:
    """A Skin of four round views."""

    views = 4
    disc = np.zeros((48, 48, 4), np.uint8)
    cv2.circle(disc, (24, 24), 22, (200, 40, 30, 255), -1)

    def __init__(self, label):
        self.label = label
        self.skin_id = f"disc/{label}"

    def view(self, n):
        return self.disc

    def damage_shown(self, n):
        return False


def discs(*labels):
    return {label: [Disc(label)] for label in labels or GRADES}


@pytest.fixture(scope="module")
def bundle():
    return load_bundle(FACTORY)


@pytest.fixture(scope="module")
def table(bundle):
    """Of sixteen views: four round fruit."""
    return record(bundle, discs())


def detector(table, feed=None, truth=EXACT):
    made = scenario(**truth)
    if feed:
        made = made.model_copy(update={"feed": made.feed.model_copy(update=feed)})
    fed = discs()
    w = setup(made, fed=fed).world(START_NS)
    return w, ScoresDetector(w, CAMERA, fed, table, seed=1)


AT_NS = START_NS + 500_000_000
"""The picture is full."""


def see(detector, at_ns=AT_NS):
    return detector.detect(Frame("sim", 1, at_ns, NO_PIXELS))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["clean", "crowded", "dense"])
def test_scores_agree_with_pixels_over_the_same_fruit_within_binomial_error(name):
    found = {}
    for level in ("pixels", "scores"):
        found[level] = FastRun(prepare(name, seed=3, limit=Limit(fruit=400), perception=level)).run()
    pixels, scores = found["pixels"], found["scores"]
    counts = [(pixels["fates"][fate], scores["fates"][fate], 400) for fate in pixels["fates"]]
    for label, row in pixels["confusion"].items():
        other, fruit = scores["confusion"][label], sum(row.values())
        assert sum(other.values()) == fruit
        counts += [(row.get(decided, 0), other.get(decided, 0), fruit) for decided in {*row, *other}]
    for one, two, of in counts:
        share = (one + two + 1) / (2 * of + 2)
        assert abs(one - two) <= 1 + 3 * (2 * of * share * (1 - share)) ** 0.5


def test_the_same_seed_is_the_same_run_and_another_seed_is_another():
    def run(seed):
        found = FastRun(prepare("clean", seed=seed, limit=Limit(fruit=60), perception="scores")).run()
        return {key: value for key, value in found.items() if key != "wall_s"}

    assert run(4) == run(4)
    assert run(4)["fates"] != run(5)["fates"] or run(4)["grades"] != run(5)["grades"]


def test_a_fruit_is_seen_where_it_is_and_as_long_as_the_segmenter_found_it(table):
    w, eye = detector(table)
    seen = see(eye)
    assert len(seen) > 3
    for sight in seen:
        item, x_mm = min(
            w.items_at(AT_NS), key=lambda one: abs(one[1] - sight.x_mm) + abs(one[0].truth.y_mm - sight.y_mm)
        )
        assert sight.x_mm == pytest.approx(x_mm, abs=2)
        assert sight.y_mm == pytest.approx(item.truth.y_mm, abs=2)
        assert sight.length_mm == pytest.approx(item.truth.length_mm, rel=0.15)


def test_the_same_view_in_the_same_light_is_graded_alike(table, bundle):
    eye = detector(table)[1]
    first, again = see(eye), see(eye)
    grader = ScoresGrader(bundle, table)
    assert grader.grade(first) == grader.grade(again)
    assert grader.bundle == bundle.identity


def test_what_the_segmenter_lost_is_not_seen(table):
    lost = replace(table, state=np.full_like(table.state, LOST))
    assert see(detector(table)[1])
    assert not see(detector(lost)[1])


def test_neighbours_that_were_seen_as_one_when_recorded_are_one_detection(table):
    close = {"touching": 1.0}
    apart = see(detector(replace(table, pairs=np.zeros_like(table.pairs)), close)[1])
    joined = see(detector(replace(table, pairs=np.tile([1.0, 0.0], (len(table.pairs), 1))), close)[1])
    assert len(joined) == 2  # each lane's fruit in one row
    assert not any(sight.merged for sight in apart)
    assert all(sight.merged for sight in joined)
    assert sum(sight.length_mm for sight in joined) == pytest.approx(sum(sight.length_mm for sight in apart))


def test_only_what_the_scores_level_made_can_be_graded_by_it(table, bundle):
    with pytest.raises(TypeError):
        ScoresGrader(bundle, table).grade([Detection((0, 0, 1, 1), 0, 0, 1, 1, False, NO_PIXELS, NO_PIXELS[..., 0])])


def test_a_table_comes_back_from_its_file_as_it_was(table):
    again = load(table.dump(), 16)
    assert again.turn(0, 4, 1, 2, 0) == table.turn(0, 4, 1, 2, 0)
    assert np.array_equal(again.pairs, table.pairs)
    assert table.state.shape == (16, *CONDITIONS)
    assert {FOUND} <= set(np.unique(table.state)) <= {LOST, FOUND, MERGED}


def test_a_table_of_other_fruit_or_a_torn_file_is_refused(table):
    whole = table.dump()
    for data, views in ((whole, 15), (whole[:-200], 16), (b"", 16), (b"not a table", 16)):
        with pytest.raises(ValueError, match="table"):
            load(data, views)


def test_a_table_is_made_once_and_kept_and_a_broken_one_is_made_again(tmp_path, monkeypatch, bundle):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    fed, told = discs("red"), []
    obtain(bundle, fed, "plain", lambda done, of: told.append((done, of)))
    assert told[-1] == (4 * np.prod(CONDITIONS), 4 * np.prod(CONDITIONS))
    (kept,) = cache().glob("*.npz")
    told.clear()
    first = obtain(bundle, fed, "plain", lambda done, of: told.append((done, of)))
    assert not told
    kept.write_bytes(kept.read_bytes()[:1000])
    again = obtain(bundle, fed, "plain", lambda done, of: told.append((done, of)))
    assert told
    assert again.turn(0, 4, 0, 0, 0) == first.turn(0, 4, 0, 0, 0)


def test_a_cache_that_cannot_be_written_costs_time_alone(tmp_path, monkeypatch, bundle):
    (tmp_path / "sorter").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert len(obtain(bundle, discs("red"), "plain").state) == 4


def test_other_fruit_or_other_weights_have_a_table_of_their_own(bundle):
    weights = {**bundle.manifest.files, "model.tflite": "0" * 64}
    other = bundle.model_copy(update={"manifest": bundle.manifest.model_copy(update={"files": weights})})
    fed, fewer = discs(), discs("red", "green")
    assert len({table_name(b, s, "plain") for b in (bundle, other) for s in (fed, fewer)}) == 4


def test_the_table_of_the_factory_bundle_and_the_built_in_fruit_ships(bundle):
    held = by_label(load_builtin("held"))
    path = SHIPPED / table_name(bundle, held)
    assert path.is_file(), "another bundle or other fruit: `python -m sim.scores_store` records them, half a minute"
    assert path.stat().st_size < 1_000_000
    load(path.read_bytes(), sum(skin.views for skin in in_order(held)))


@pytest.mark.parametrize(("px", "size"), [(10, 0), (59, 0), (61, 1), (90, 2), (300, 2)])
def test_a_fruit_is_looked_up_among_those_of_its_size(px, size):
    assert size_class(px) == size


@pytest.mark.parametrize(("rad", "yaw"), [(-1, 0), (-0.3, 0), (-0.1, 1), (0.1, 2), (0.3, 3), (1, 3)])
def test_a_fruit_is_looked_up_among_those_turned_as_far(rad, yaw):
    assert yaw_class(rad) == yaw
