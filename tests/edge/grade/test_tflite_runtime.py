"""Where LiteRT has no wheel, tflite-runtime runs the same bundle."""

import pytest

from edge.bundle import FACTORY, load_bundle
from tests.tflite.agreement import agreement, crops


@pytest.mark.tflite
@pytest.mark.slow
def test_the_factory_bundle_gives_the_same_grades_on_tflite_runtime() -> None:
    bundle = load_bundle(FACTORY)
    found = agreement(bundle, crops(bundle, 200))
    assert found.runtime == "tflite-runtime"
    assert found.golden_faults == []
    assert found.top_1 >= 0.98
