"""`make evidence`: the long measurements behind what the project claims, as JSON. `make evidence ARGS="2 5"` picks."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.evidence.measurements import MEASUREMENTS
from tests.evidence.record import document, write
from tests.evidence.trial import ROOT, Finding, Trial


def main() -> int:
    """Exit status 0 where every target holds."""
    parser = argparse.ArgumentParser(prog="make evidence", description=__doc__)
    parser.add_argument("numbers", nargs="*", type=int, metavar="N", help="which; all where none is named")
    parser.add_argument("--size", type=float, default=1.0, help="a fraction of each measurement's size")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "evidence")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)  # what the machine says of faults made on purpose would bury the figures
    if unknown := set(given.numbers) - set(MEASUREMENTS):
        parser.error(f"no measurement {', '.join(map(str, sorted(unknown)))}; have 1 to {max(MEASUREMENTS)}")
    held = [take(number, given.size, given.out) for number in given.numbers or MEASUREMENTS]
    return 0 if all(held) else 1


def take(number: int, size: float, out: Path) -> bool:
    """Make one measurement, write it and say what came of it."""
    name, claim, measure = MEASUREMENTS[number]
    print(f"{number}. {claim}", flush=True)
    start_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sorter-evidence-") as folder:
        try:
            finding = measure(Trial(size, Path(folder)))
        except RuntimeError as error:
            finding = Finding({}, missing=str(error))
    write(out / f"{number:02}-{name}.json", document(number, name, claim, finding, size, time.monotonic() - start_s))
    for target in finding.targets:
        print(f"   {'holds ' if target.holds else 'MISSED'} {target.figure}: {target.found} ({target.wanted})")
    if finding.missing:
        print(f"   MISSED {finding.missing}")
    sys.stdout.flush()
    return finding.holds


if __name__ == "__main__":
    sys.exit(main())
