from hypothesis import given
from hypothesis import strategies as st

from edge.datapath import BeltSample
from edge.sort.encoder import PPM, Correction, VirtualEncoder


def test_without_a_change_samples_pass_untouched():
    sample = BeltSample(1, 2, 3)
    assert Correction().of(sample) is sample


def test_a_change_counts_from_the_last_sample_on():
    correction = Correction()
    correction.of(BeltSample(0, 1_000_000, 600_000))
    correction.change(1_050_000)
    assert correction.of(BeltSample(1, 2_000_000, 600_000)) == BeltSample(1, 2_050_000, 630_000)


def test_a_change_before_the_first_sample_holds_from_it_on():
    correction = Correction()
    correction.change(2 * PPM)
    assert correction.of(BeltSample(0, 10, 5)) == BeltSample(0, 20, 10)


@given(st.lists(st.tuples(st.integers(0, 50_000), st.integers(900_000, 1_100_000)), max_size=30))
def test_travel_goes_on_from_where_it_was_whatever_is_changed(steps):
    correction, raw_um, told_um = Correction(), 0, 0
    for moved_um, scale_ppm in steps:
        raw_um += moved_um
        found_um = correction.of(BeltSample(0, raw_um, 1)).belt_um
        assert 0 <= found_um - told_um <= moved_um * 11 // 10 + 1
        told_um = found_um
        correction.change(scale_ppm)
        assert correction.of(BeltSample(0, raw_um, 1)).belt_um == told_um


def test_a_belt_without_an_encoder_travels_at_the_profiles_speed():
    encoder = VirtualEncoder(600_000)
    assert encoder.sample(3_000_000_000) == BeltSample(3_000_000_000, 1_800_000, 600_000)
