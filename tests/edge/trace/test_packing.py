import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edge.datapath import (
    BeltSample,
    Detection,
    EmergencyStop,
    Fall,
    Frame,
    GateClosed,
    GatePulse,
    Look,
    Outcome,
    StepInputs,
    Track,
    Verdict,
)
from edge.trace.packing import NO_PIXELS, pack_inputs, pack_made, unpack_inputs

sides = st.integers(1, 40)
numbers = st.integers(-(2**53), 2**53)
floats = st.floats(allow_nan=False)
pulses = st.builds(GatePulse, st.text(), st.text(), numbers, numbers, numbers, numbers)
events = st.one_of(
    st.builds(BeltSample, numbers, numbers, numbers, numbers),
    st.builds(Fall, st.text(), numbers, st.booleans()),
    st.builds(GateClosed, st.text(), numbers, st.lists(st.text(), max_size=3).map(tuple)),
    st.builds(EmergencyStop, numbers, st.booleans()),
    st.builds(Outcome, pulses, st.sampled_from(["fired", "late", "refused"]), numbers | st.none(), numbers),
)
crops = st.tuples(sides, sides).flatmap(lambda size: arrays.arrays(np.uint8, (*size, 3)))
masks = st.tuples(sides, sides).flatmap(lambda size: arrays.arrays(np.uint8, size))
places = floats | st.none()
detections = st.builds(
    Detection, st.tuples(*4 * [numbers]), places, places, places, places, st.booleans(), crops, masks, st.booleans()
)


@given(numbers, st.lists(events, max_size=3), st.lists(detections, max_size=2), st.booleans())
def test_a_steps_inputs_come_back_to_the_bit(now_ns, said, seen, with_frame) -> None:
    frame = Frame("c", 7, now_ns, np.zeros((4, 4, 3), np.uint8)) if with_frame else None
    seen = tuple(seen) if frame else ()
    fields, pictures = pack_inputs(StepInputs(now_ns, tuple(said), frame, seen))
    back = unpack_inputs(json.loads(json.dumps(fields)), pictures)
    assert (back.now_ns, back.gate_events) == (now_ns, tuple(said))
    assert (back.frame is None) == (frame is None)
    if back.frame:
        assert back.frame.pixels is NO_PIXELS
    for was, now in zip(seen, back.detections, strict=True):
        for name in Detection.__slots__[:6]:
            assert getattr(was, name) == getattr(now, name)
        assert was.merged == now.merged
        assert np.array_equal(was.crop, now.crop)
        assert np.array_equal(was.mask, now.mask)


def test_a_crop_that_is_cut_out_of_a_frame_is_packed_without_its_surroundings() -> None:
    frame = np.arange(90 * 90 * 3, dtype=np.uint8).reshape(90, 90, 3)
    seen = Detection((5, 6, 30, 20), 1.0, 2.0, 3.0, 4.0, False, frame[6:26, 5:35], np.full((10, 15), 255, np.uint8))
    back = unpack_inputs(*pack_inputs(StepInputs(1, (), Frame("c", 1, 1, frame), (seen,))))
    assert np.array_equal(back.detections[0].crop, frame[6:26, 5:35])


def test_what_a_step_made_differs_in_its_record_if_a_bit_of_it_does() -> None:
    features = np.array([1, -128, 127], np.int8)
    look = Look("r.1", 3, 0.1 + 0.2, (0.1, 0.2, 0.3, 0.4), 0.0, features)
    nearly = Look("r.1", 3, 0.3, (0.1, 0.2, 0.3, 0.4), 0.0, features)
    assert json.dumps(pack_made(look)) == json.dumps(pack_made(look))
    assert json.dumps(pack_made(look)) != json.dumps(pack_made(nearly))
    assert pack_made(Track("r.1", 0, 5, 1.0, 2.0, (look, nearly)))["looks"] == [3, 3]
    verdict = Verdict("r.1", "red", 1.0, 0.0, (0.0,) * 4, "red", "graded", 9, "b@1", "p")
    assert "profile" not in pack_made(verdict)
