"""The README's picture of the running line: `python -m tests.picture docs/line.svg` runs `sorter sim` and takes it."""

import sys
from pathlib import Path

from edge.cli import main
from sim import session
from sim.view import View, export_svg

AT_S = 15.0


class Photographed(View):
    """The view, and one picture once the belt is full and the bins have something in them."""

    def tick(self, now_ns: int) -> int:
        is_open = any(gate.is_open for gate in self._state.gates)
        if self._state.elapsed_s > AT_S and is_open and not TARGET.exists():
            export_svg(self._state, TARGET)
        return super().tick(now_ns)


if __name__ == "__main__":
    TARGET = Path(sys.argv[1])
    TARGET.unlink(missing_ok=True)
    session.View = Photographed
    status = main(["sim", "--seconds", str(AT_S + 5)])
    sys.exit(status if TARGET.exists() else f"{TARGET}: no picture was taken: the view is no longer sim.session's")
