"""What training makes small: one loss for three heads, one for a softmax of five.

Both are means over the looks that teach something, of all shares of a batch: `added` gives the sum over them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from training.dataset import UNTOLD
from training.trunk.network import Untyped

_SMOOTHING = 0.03

Added: TypeAlias = Callable[[Untyped], Untyped]


def masked_loss(targets: Untyped, scores: Untyped, added: Added) -> Untyped:
    """Cross-entropies of the three heads, each over the looks that teach it, added up."""
    from keras import ops  # noqa: PLC0415  (slow, and only training needs it)

    targets = ops.cast(targets, "int32")
    taught = ops.cast(ops.not_equal(targets, UNTOLD), "float32")
    sides = ops.one_hot(ops.maximum(targets[:, 0], 0), 3) * (1 - _SMOOTHING) + _SMOOTHING / 3
    ripeness = -ops.sum(sides * ops.log_softmax(scores[:, :3]), axis=-1)
    yes = ops.cast(targets[:, 1:], "float32") * (1 - 2 * _SMOOTHING) + _SMOOTHING
    two = ops.softplus(scores[:, 3:]) - yes * scores[:, 3:]
    losses = ops.concatenate([ripeness[:, None], two], axis=-1)
    return ops.sum(ops.sum(losses * taught, axis=0) / ops.maximum(added(ops.sum(taught, axis=0)), 1.0))


def one_softmax(targets: Untyped, scores: Untyped, added: Added) -> Untyped:
    """Cross-entropy over the three grades, damaged and unknown, of looks that are wholly one of them."""
    from keras import ops  # noqa: PLC0415  (slow, and only training needs it)

    targets = ops.cast(targets, "int32")
    ripest = ops.max(scores[:, :3], axis=-1)
    damaged = scores[:, 3] + ripest
    unknown = ops.maximum(ripest, damaged) - scores[:, 4]
    five = ops.log_softmax(ops.concatenate([scores[:, :3], damaged[:, None], unknown[:, None]], axis=-1))
    sound = ops.where((targets[:, 0] != UNTOLD) & (targets[:, 1] == 0), targets[:, 0], UNTOLD)
    one = ops.where(targets[:, 2] == 0, 4, ops.where(targets[:, 1] == 1, 3, sound))
    taught = ops.cast(one != UNTOLD, "float32")
    sides = ops.one_hot(ops.maximum(one, 0), 5) * (1 - _SMOOTHING) + _SMOOTHING / 5
    return ops.sum(-ops.sum(sides * five, axis=-1) * taught) / ops.maximum(added(ops.sum(taught)), 1.0)
