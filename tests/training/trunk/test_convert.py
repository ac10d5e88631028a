import io
import pickle
from collections import OrderedDict

import numpy as np
import pytest

from training.trunk.convert import _Unpickler, folded
from training.trunk.network import STAGES, WEIGHTS


def checkpoint() -> dict[str, np.ndarray]:
    """What the published checkpoint holds of the first five stages, with weights drawn."""
    rng = np.random.default_rng(1)
    out: dict[str, np.ndarray] = {}

    def conv(name: str, norm: str, shape: tuple[int, int, int, int]) -> None:
        out[f"{name}.weight"] = rng.normal(size=shape)
        for part in ("weight", "bias", "running_mean"):
            out[f"{norm}.{part}"] = rng.normal(size=shape[0])
        out[f"{norm}.running_var"] = rng.uniform(0.5, 2, shape[0])

    conv("_conv_stem", "_bn0", (32, 3, 3, 3))
    given, place = 32, 0
    for block in STAGES:
        for _ in range(block.repeats):
            wide, name = given * block.expand, f"_blocks.{place}."
            if block.expand > 1:
                conv(f"{name}_expand_conv", f"{name}_bn0", (wide, given, 1, 1))
            conv(f"{name}_depthwise_conv", f"{name}_bn1", (wide, 1, block.kernel, block.kernel))
            conv(f"{name}_project_conv", f"{name}_bn2", (block.channels, wide, 1, 1))
            given, place = block.channels, place + 1
    return out


def test_a_folded_convolution_is_the_convolution_and_its_norm() -> None:
    given = checkpoint()
    made = folded(given)
    x = np.random.default_rng(2).normal(size=16)
    plain = given["_blocks.1._expand_conv.weight"][:, :, 0, 0] @ x
    norm = {part: given[f"_blocks.1._bn0.{part}"] for part in ("weight", "bias", "running_mean", "running_var")}
    expected = (plain - norm["running_mean"]) / np.sqrt(norm["running_var"] + 1e-3) * norm["weight"] + norm["bias"]
    got = x @ made["1_0_expand/kernel"][0, 0].astype(float) + made["1_0_expand/bias"]
    assert got == pytest.approx(expected, abs=0.02)
    assert made["2_0_depthwise/kernel"].shape == (5, 5, 144, 1)


def test_the_weights_that_ship_have_every_layer_of_the_trunk() -> None:
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        shipped = {name: stored[name].shape for name in stored.files}
    assert shipped == {name: array.shape for name, array in folded(checkpoint()).items()}


def test_nothing_but_tensors_is_read_of_a_checkpoint() -> None:
    assert _Unpickler(io.BytesIO(pickle.dumps(OrderedDict(a=1)))).load() == {"a": 1}
    with pytest.raises(pickle.UnpicklingError, match="no place in a checkpoint"):
        _Unpickler(io.BytesIO(pickle.dumps(io.BytesIO()))).load()
