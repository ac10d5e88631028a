"""The shipped bundle on a Pi's processors, emulated: which bits come out, not how fast."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.bundle import FACTORY, GOLDEN
from tests.arm64.place import PROCESSORS, TARGETS, Target

pytestmark = [pytest.mark.arm64, pytest.mark.slow, pytest.mark.timeout(900)]

WORKER = Path(__file__).with_name("worker.py")
MACHINES = list(product(TARGETS, PROCESSORS))
NAMES = [f"{target.suite}-{processor}" for target, processor in MACHINES]


@dataclass(frozen=True, slots=True)
class Ran:
    told: dict[str, Any]
    outputs: NDArray[np.int8]
    features: NDArray[np.int8]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    folder = tmp_path_factory.mktemp("golden")

    def once(target: Target, processor: str) -> Ran:
        out = folder / f"{target.suite}-{processor}.npz"
        answer = target.run([WORKER, FACTORY, out], processor)
        assert answer.returncode == 0, answer.stderr
        with np.load(out) as wrote:
            return Ran(json.loads(answer.stdout), wrote["outputs"], wrote["features"])

    with ThreadPoolExecutor(os.cpu_count()) as beside:
        return dict(zip(NAMES, beside.map(lambda machine: once(*machine), MACHINES), strict=True))


@pytest.mark.parametrize(("name", "machine"), list(zip(NAMES, MACHINES, strict=True)), ids=NAMES)
def test_every_golden_output_is_the_same_to_the_bit(
    name: str, machine: tuple[Target, str], ran: dict[str, Ran]
) -> None:
    target, processor = machine
    one = ran[name]
    assert one.told["machine"] == "aarch64"
    assert one.told["python"] == target.python
    assert one.told["dot_product"] == PROCESSORS[processor], "not the processor that was asked for"
    assert one.told["runtime"] == "litert"
    with np.load(FACTORY / GOLDEN) as golden:
        assert len(golden["outputs"]) > 0
        assert np.array_equal(one.outputs, golden["outputs"])
        assert np.array_equal(one.features, golden["features"])
    assert one.told["golden_faults"] == []  # the crops' way to a tensor, too


def test_other_inputs_would_have_come_out_otherwise(ran: dict[str, Ran]) -> None:
    for one in ran.values():
        assert len(np.unique(one.outputs, axis=0)) > len(one.outputs) // 2
        assert len(np.unique(one.features, axis=0)) == len(one.features)
