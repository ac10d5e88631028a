"""How strange a crop is, from what the network says of it. Training chooses the threshold on the same number."""

import math


def unknown_score(known: float) -> float:
    """0 for a tomato beyond doubt to 1 for anything else, from the logit of the head `known`."""
    # Held within what exp can take; beyond it the score is 0 or 1 in any case.
    return 1 / (1 + math.exp(min(max(known, -60.0), 60.0)))
