"""The gate process as it is, which also notes when it woke for each edge: `python -m edge.bench.gates_noted FILE`.

At its end it writes FILE: a JSON list of `[driven_at_ns, woke_at_ns]`, an edge each; the first is the stamp that the
edge's outcome carries, the second the instant at which nothing was left to do but to drive the line.
"""

import json
import sys
from pathlib import Path

from edge.sort.gates import main
from edge.sort.punctual import PatientPins

noted: list[tuple[int, int]] = []


class NotingPins(PatientPins):
    """Notes each edge after it was driven, so that no edge waits for its note."""

    def command(self, gate: str, is_open: bool) -> int:
        driven_at_ns = super().command(gate, is_open)
        noted.append((driven_at_ns, self.woke_at_ns))
        return driven_at_ns


if __name__ == "__main__":
    status = main(NotingPins)
    Path(sys.argv[1]).write_text(json.dumps(noted), encoding="utf-8")
    sys.exit(status)
