"""A bundle is tried out before a machine may run it: what it gives, what it knows, and how long it takes."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from edge.bundle import FACTORY, GOLDEN, MANIFEST, Bundle, load_bundle
from edge.config import Profile, load_profile
from edge.grade.selftest import faults, main
from training.release import write_bundle

DEMO = Path(__file__).parents[3] / "firmware_config/profiles/demo.toml"
MS = 1_000_000


def ticking(each_ns: int):
    """A clock that goes on by as much at each reading."""
    now = iter(range(0, 10**15, each_ns))
    return lambda: next(now)


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile(DEMO)


def changed(folder: Path, **layers: np.ndarray) -> Bundle:
    """The factory's bundle with other golden layers."""
    factory = load_bundle(FACTORY)
    with np.load(FACTORY / GOLDEN) as stored:
        golden = dict(stored) | layers
    alone = factory.manifest.model_copy(update={"unknown": None})
    return write_bundle(folder, alone, factory.weights.read_bytes(), golden)


def test_the_factory_s_bundle_passes(profile: Profile) -> None:
    assert list(faults(load_bundle(FACTORY), profile, ticking(MS))) == []


def test_one_bit_of_one_output_is_seen(tmp_path: Path, profile: Profile) -> None:
    with np.load(FACTORY / GOLDEN) as stored:
        outputs = stored["outputs"].copy()
    outputs[3, 2] ^= 1
    (fault,) = faults(changed(tmp_path / "bundle", outputs=outputs), profile, ticking(MS))
    assert "tensor 3: the network's outputs differ" in fault


def test_another_preprocessing_under_the_same_weights_is_seen(tmp_path: Path, profile: Profile) -> None:
    """Golden tensors made with another margin: this runtime does not make them so."""
    bundle = changed(tmp_path / "bundle")
    manifest = json.loads((bundle.folder / MANIFEST).read_text())
    manifest["preprocessing"]["margin"] += 0.05
    (bundle.folder / MANIFEST).write_text(json.dumps(manifest))
    found = list(faults(load_bundle(bundle.folder), profile, ticking(MS)))
    assert len(found) == 12
    assert all("of the tensor differs" in fault for fault in found)


def test_a_network_that_is_too_slow_for_the_profile_is_refused(profile: Profile) -> None:
    (fault,) = faults(load_bundle(FACTORY), profile, ticking(200 * MS))
    assert fault.startswith("a crop takes 200.0 ms")


def test_a_label_that_the_profile_routes_must_be_known(profile: Profile) -> None:
    routed = profile.model_copy(update={"route": {**profile.route, "striped": "red"}})
    assert "the profile routes striped" in next(faults(load_bundle(FACTORY), routed, ticking(MS)))


def test_what_cannot_be_loaded_is_told_and_not_thrown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(FACTORY, tmp_path / "bundle")
    (tmp_path / "bundle" / "model.tflite").write_bytes(b"no network")
    assert main(str(tmp_path / "bundle"), str(DEMO)) == 0
    assert "sha256 differs" in capsys.readouterr().out
