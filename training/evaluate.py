"""The names by which training asks for the figures of what it made; `training.evaluation` holds them."""

from __future__ import annotations

from training.evaluation.sections import TIMES, agreement, held_figures, metrics_of

__all__ = ["TIMES", "agreement", "held_figures", "metrics_of"]
