"""The bundle's network on LiteRT: crop in, grades out. The one file that knows the runtime.

LiteRT is the runtime; tflite-runtime stands in where LiteRT has no wheel (32-bit systems). One thread and one crop a
call: more threads make single crops slower, batches gain next to nothing.
"""

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any
from zipfile import BadZipFile

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.bundle import GOLDEN, REFERENCE, Bundle
from edge.datapath import LABELS, Detection, Grades
from edge.errors import BundleFault
from edge.grade.preprocess import to_tensor
from edge.grade.unknown import strangeness_of, unknown_score

try:
    from ai_edge_litert.interpreter import Interpreter

    RUNTIME = "litert"
except ImportError:  # no wheel for this system
    from tflite_runtime.interpreter import Interpreter

    RUNTIME = "tflite-runtime"

LOGITS = len(LABELS) + 1
"""The output vector `scores`: ripeness (three), damage, known. The other output is the features."""

_ALIKE = 3
_UNALIKE = 0.005
"""Golden tensors: at most this share of the values may differ by more than `_ALIKE` grey levels (resizing rounds
differently from one processor to the next, and a pixel of the rim may fall on the other side)."""

_TOP_1 = 0.98
"""Another runtime's kernels agree with LiteRT's on the label at least this often; LiteRT agrees to the bit."""


class LiteRTGrader:
    """Answers `ports.Grader`. One thread: make one grader for each. Raises BundleFault for weights that cannot run."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle: str = bundle.identity
        self._spec = bundle.manifest.preprocessing
        self._net = _load(bundle)
        size = self._spec.size_px
        (given,) = self._net.get_input_details()
        if tuple(given["shape"]) != (1, size, size, 3) or given["dtype"] is not np.uint8:
            raise BundleFault(
                f"{bundle.weights}: takes {_shaped(given)}: must be "
                f"uint8 (1, {size}, {size}, 3); train the bundle again"
            )
        outputs = self._net.get_output_details()
        by_length = {int(o["shape"][-1]) == LOGITS: o for o in outputs}
        if len(outputs) != 2 or len(by_length) != 2 or any(o["dtype"] is not np.int8 for o in outputs):
            shapes = ", ".join(_shaped(o) for o in outputs)
            raise BundleFault(
                f"{bundle.weights}: gives {shapes}: must be int8 scores (1, {LOGITS}) and int8 features; "
                f"train the bundle again"
            )
        self._input: int = given["index"]
        self._scores: int = by_length[True]["index"]
        self._features: int = by_length[False]["index"]
        self.features = int(by_length[False]["shape"][-1])
        """How many there are."""
        scale, zero = by_length[True]["quantization"]
        self.logits = [float(scale * (n - zero)) for n in range(-128, 128)]
        """A logit for each of the 256 values that an int8 output can take."""
        self._unknown = strangeness_of(bundle.folder / REFERENCE, bundle.manifest.unknown, self.features)

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        """See `ports.Grader`. All crops are prepared before the first goes through the network, and all go through it
        before the first output is read: like work side by side finds the processor's caches warm, which saves a tenth
        of a crop's time."""
        tensors = [to_tensor(one.crop, one.mask, self._spec) for one in detections]
        sharp = [sharpness(tensor) for tensor in tensors]
        ran = [self.invoke(tensor) for tensor in tensors]
        seen = [colour(tensor) for tensor in tensors]
        return [(replace(self.grades(*outputs), colour=seen[n]), sharp[n]) for n, outputs in enumerate(ran)]

    def grade_tensor(self, tensor: NDArray[np.uint8]) -> Grades:
        """The grades of one input tensor, uint8 RGB (N, N, 3)."""
        return self.grades(*self.invoke(tensor))

    def grades(self, outputs: NDArray[np.int8], features: NDArray[np.int8]) -> Grades:
        """What the network's int8 outputs, as `invoke` gives them, say."""
        logits = [self.logits[n + 128] for n in outputs.tolist()]
        return grades_of(logits, features, self._unknown(logits[-1], features))

    def invoke(self, tensor: NDArray[np.uint8]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """The network's int8 outputs for one tensor: scores (5,) and features (F,), new memory."""
        net = self._net
        net.set_tensor(self._input, tensor[np.newaxis])
        net.invoke()
        return net.get_tensor(self._scores)[0], net.get_tensor(self._features)[0]


def grades_of(
    logits: Sequence[float], features: NDArray[np.int8] | None = None, unknown: float | None = None
) -> Grades:
    """What the network's five logits say, in the manifest's order. `unknown` is the bundle's score of strangeness;
    without it the head `known` alone decides."""
    green, turning, red, damage, known = logits
    return Grades(
        scores_of(green, turning, red, damage), unknown_score(known) if unknown is None else unknown, features
    )


def scores_of(green: float, turning: float, red: float, damage: float) -> tuple[float, ...]:
    """Probabilities in the order of LABELS from logits: a softmax over ripeness, which shares what damage leaves."""
    highest = max(green, turning, red)
    ripeness = (math.exp(green - highest), math.exp(turning - highest), math.exp(red - highest))
    damaged = 1 / (1 + math.exp(min(max(-damage, -60.0), 60.0)))
    share = (1 - damaged) / math.fsum(ripeness)
    return (share * ripeness[0], share * ripeness[1], share * ripeness[2], damaged)


def sharpness(tensor: NDArray[np.uint8]) -> float:
    """Root mean square of the steps between neighbouring pixels, both ways, in the tensor's middle half: 0 or more,
    in grey levels. The outline stays out of it, which is as sharp as the mask, not as the picture."""
    quarter = len(tensor) // 4
    middle = tensor[quarter:-quarter, quarter:-quarter]
    along = cv2.norm(middle[:, 1:], middle[:, :-1], cv2.NORM_L2SQR)
    across = cv2.norm(middle[1:], middle[:-1], cv2.NORM_L2SQR)
    return math.sqrt((along + across) / (2 * middle.size))


def colour(tensor: NDArray[np.uint8]) -> tuple[float, float, float]:
    """The mean RGB of the tensor's middle half, in grey levels: fruit, whatever its outline."""
    quarter = len(tensor) // 4
    red, green, blue, _ = cv2.mean(tensor[quarter:-quarter, quarter:-quarter])
    return red, green, blue


def constants(bundle: Bundle) -> list[NDArray[Any]]:
    """The constants of the bundle's network, kernels and all, each in its own type."""
    net = _load(bundle)
    found = []
    for tensor in net.get_tensor_details():
        with suppress(ValueError):  # it is none: it has no data before a picture has gone through
            found.append(net.get_tensor(tensor["index"]))
    return found


def golden_faults(bundle: Bundle) -> list[str]:
    """What of the bundle's golden crops does not come out here as it did in training; empty if all does.

    Both layers: crop and mask to tensor, and tensor to the network's outputs.
    """
    grader = LiteRTGrader(bundle)
    path = bundle.folder / GOLDEN
    try:
        with np.load(path, allow_pickle=False) as stored:
            golden = dict(stored)
        tensors, expected, features = golden["tensors"], golden["outputs"], golden["features"]
        crops = [(golden[f"crops_{n}"], golden[f"masks_{n}"]) for n in range(len(tensors))]
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise BundleFault(f"{path}: cannot be read as golden layers: {error}; fetch the bundle again") from None
    faults = []
    for n, (crop, mask) in enumerate(crops):
        apart = np.abs(to_tensor(crop, mask, bundle.manifest.preprocessing).astype(np.int16) - tensors[n]) > _ALIKE
        if apart.mean() > _UNALIKE:
            faults.append(f"{path}: crop {n}: {apart.mean():.1%} of the tensor differs; at most {_UNALIKE:.1%} may")
    ran = [grader.invoke(tensor) for tensor in tensors]
    if RUNTIME == "litert":
        alike = [np.array_equal(s, expected[n]) and np.array_equal(f, features[n]) for n, (s, f) in enumerate(ran)]
        return faults + [
            f"{path}: tensor {n}: the network's outputs differ" for n, good in enumerate(alike) if not good
        ]
    agree = np.mean([np.argmax(s[:3]) == np.argmax(expected[n][:3]) for n, (s, _) in enumerate(ran)])
    if agree < _TOP_1:
        faults.append(f"{path}: {RUNTIME} agrees on {agree:.1%} of the labels; at least {_TOP_1:.0%} must")
    return faults


def _shaped(tensor: dict[str, Any]) -> str:
    """A tensor of the network's as a person writes it."""
    return f"{tensor['dtype'].__name__} {tuple(map(int, tensor['shape']))}"


def _load(bundle: Bundle) -> Interpreter:
    try:
        with _silence():
            net = Interpreter(model_path=str(bundle.weights), num_threads=1)
            net.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise BundleFault(f"{bundle.weights}: {RUNTIME} cannot run it: {first}; train or fetch it again") from None
    return net


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the runtime's own remarks, which it writes past Python and has no switch for, off standard error: what
    goes wrong is raised as well. Other threads are not heard either, for the milliseconds that this takes."""
    try:
        kept = os.dup(2)
    except OSError:  # standard error is closed
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
