"""Dropout that is the same however many workers share a batch: the mask is drawn for all of it, and each takes its own
rows (see `training.spread`)."""

from __future__ import annotations

import keras
import tensorflow

from training.trunk.network import Untyped


class Dropout(keras.layers.Dropout):  # type: ignore[misc]  # keras has no types
    """keras's, for one worker to the bit. `whole_maps`: a channel is dropped in all places (SpatialDropout2D)."""

    def __init__(self, rate: float, *, whole_maps: bool = False) -> None:
        super().__init__(rate)
        self._whole_maps = whole_maps

    def call(self, inputs: Untyped, training: bool = False) -> Untyped:
        """`inputs` (n, ...); in training, some of them 0 and the others larger."""
        context = tensorflow.distribute.get_replica_context()
        if not training or context is None:
            return inputs
        count = context.num_replicas_in_sync
        shape = keras.ops.shape(inputs)
        kept = (1, 1, shape[-1]) if self._whole_maps else shape[1:]
        ones = keras.ops.ones((shape[0] * count, *kept), inputs.dtype)
        mask = keras.random.dropout(ones, self.rate, seed=self.seed_generator)
        return inputs * mask[context.replica_id_in_sync_group :: count]
