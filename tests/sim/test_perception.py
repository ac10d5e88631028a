import pytest

from edge.datapath import Detection, Frame
from sim.perception import NO_PIXELS, TrueDetector, TrueGrader
from tests.edge.profiles import demo
from tests.sim.worlds import EXACT, START_NS, scenario, world

CAMERA = demo().camera


def see(w, at_ns: int):
    return TrueDetector(w, CAMERA).detect(Frame("sim", 1, at_ns, NO_PIXELS))


def test_with_a_true_profile_a_fruit_is_seen_where_it_is():
    w = world(scenario(**EXACT))
    seen = sorted((d.x_mm, d.y_mm, d.length_mm) for d in see(w, START_NS))
    truth = sorted((x_mm, item.truth.y_mm, item.truth.length_mm) for item, x_mm in w.items_at(START_NS))
    assert seen
    for sight in seen:
        assert any(sight == pytest.approx(each) for each in truth)


def test_a_camera_with_another_scale_misplaces_fruit_in_proportion_to_the_middle():
    w = world(scenario(**EXACT | {"mm_per_px": 0.1}), seed=5)
    scale = w.truth.mm_per_px / CAMERA.mm_per_px
    assert abs(scale - 1) > 0.005
    item, x_mm = next((i, x) for i, x in w.items_at(START_NS) if 40 < x < 400)
    sight = min(see(w, START_NS), key=lambda d: abs(d.x_mm - x_mm) + abs(d.y_mm - item.truth.y_mm))
    assert sight.x_mm == pytest.approx(224 + (x_mm - 224) / scale)
    assert sight.length_mm == pytest.approx(item.truth.length_mm / scale)


def test_a_fruit_cut_off_by_the_pictures_edge_is_marked():
    w = world(scenario(**EXACT), fruit=None)
    for frame in range(60):
        for sight in see(w, START_NS + frame * 33_000_000):
            left, width = sight.x_mm - sight.length_mm / 2, CAMERA.view_mm
            assert sight.touches_edge == (left < 0.7 or left + sight.length_mm > width - 0.7)


def test_only_what_the_truth_level_made_can_be_graded_by_it():
    with pytest.raises(TypeError):
        TrueGrader().grade([Detection((0, 0, 1, 1), 0, 0, 1, 1, False, NO_PIXELS, NO_PIXELS[..., 0])])
