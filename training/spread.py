"""How training is spread over processors and machines: a recipe's `strategy`, TensorFlow's own (`tf.distribute`).

Every worker makes the same looks and draws the same batches, and learns from its share of each; gradients are added
up over all of them. So the loss is that of one worker, whatever their number.

`multi-worker` takes the cluster from TF_CONFIG, as TensorFlow has it: start the same command on each machine with

    TF_CONFIG='{"cluster": {"worker": ["one:20000", "two:20000"]}, "task": {"type": "worker", "index": 0}}'

and its own index. Worker 0 writes the bundle.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from edge.errors import UsageFault
from training.trunk.network import Untyped

CLUSTER = "TF_CONFIG"


@dataclass(frozen=True, slots=True)
class Spread:
    """`strategy`: TensorFlow's. This process is `worker` of so many `workers`, from 0."""

    tensorflow: Untyped
    strategy: Untyped
    worker: int = 0
    workers: int = 1

    @property
    def writes(self) -> bool:
        """Whether the bundle is written here."""
        return self.worker == 0

    def place(self, work: Path) -> Path:
        """Where this worker keeps its looks and epochs: workers may share a machine."""
        return work if self.writes else work.with_name(f"{work.name}-{self.worker}")

    def shares(self, *arrays: NDArray[Any]) -> Untyped:
        """The rows of a batch that each replica learns from, as values of the strategy."""

        def own(context: Untyped) -> tuple[Untyped, ...]:
            rows = slice(context.replica_id_in_sync_group, None, context.num_replicas_in_sync)
            return tuple(self.tensorflow.constant(array[rows]) for array in arrays)

        return self.strategy.experimental_distribute_values_from_function(own)

    def added(self, values: Untyped) -> Untyped:
        """The sum over all replicas; called in a step of one."""
        context = self.tensorflow.distribute.get_replica_context()
        return context.all_reduce(self.tensorflow.distribute.ReduceOp.SUM, values)

    def agree(self, epoch: int) -> None:
        """Raise UsageFault, on every worker, unless all of them go on with the same epoch."""
        if self.workers == 1:
            return
        given = self.strategy.experimental_distribute_values_from_function(
            lambda _: self.tensorflow.constant([epoch], self.tensorflow.int32)
        )
        kept = sorted(set(self.strategy.gather(given, axis=0).numpy().tolist()))
        if len(kept) > 1:
            raise UsageFault(f"the workers kept different epochs {kept}; remove what each keeps in --work, start again")


def open_spread(tensorflow: Untyped, strategy: str) -> Spread:
    """The strategy of that name, before TensorFlow has done anything else. Raises UsageFault where a cluster is wanted
    and none is told, or what is told is no cluster; waits until all workers are there."""
    if strategy == "multi-worker":
        worker, workers = _cluster(os.environ.get(CLUSTER, ""))
        return Spread(tensorflow, tensorflow.distribute.MultiWorkerMirroredStrategy(), worker, workers)
    if strategy == "mirrored":
        return Spread(tensorflow, tensorflow.distribute.MirroredStrategy())
    return Spread(tensorflow, tensorflow.distribute.get_strategy())


def _cluster(told: str) -> tuple[int, int]:
    """This worker and their number."""
    wanted = "set it on every machine to its cluster and task, as training/spread.py shows"
    if not told:
        raise UsageFault(f"training.strategy is multi-worker, but {CLUSTER} is not set; {wanted}")
    try:
        given = json.loads(told)
        worker, workers = int(given["task"]["index"]), len(given["cluster"]["worker"])
    except (ValueError, TypeError, KeyError):
        raise UsageFault(f"{CLUSTER}: names no cluster of workers with a task of this one; {wanted}") from None
    if not 0 <= worker < workers:
        raise UsageFault(f"{CLUSTER}: task {worker} of {workers} workers; must be 0 to {workers - 1}; {wanted}")
    return worker, workers
