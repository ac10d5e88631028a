"""What the gate process is measured against: a bare process that sleeps, spins and drives a line, at equal priority.

`python -m edge.bench.gates_floor` claims the lines whose BCM numbers it is given, says `ready`, and reads one line: a
JSON list of edges `[at_ns, pin, level]` in the order of their instants on the one clock. It answers with a list of
`[woke_at_ns, driven_at_ns]`. No link, no belt, no pulses, nothing to decide and nothing to refuse.
"""

import json
import sys

from gpiozero import OutputDevice

from edge.clock import now_ns, sleep_until
from edge.sort.punctual import SPIN_NS, be_punctual, measure_wakes


def main(pins: list[str]) -> None:
    lines = {int(pin): OutputDevice(int(pin)) for pin in pins}
    be_punctual()
    measure_wakes()  # as the gate process does at its start: neither side's first edge pays for a first time
    for line in lines.values():
        line.on()
        line.off()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    met = []
    for at_ns, pin, level in json.loads(sys.stdin.readline() or "[]"):
        line = lines[pin]
        woke_at_ns = sleep_until(at_ns, SPIN_NS)
        if level:
            line.on()
        else:
            line.off()
        met.append((woke_at_ns, now_ns()))
    sys.stdout.write(json.dumps(met) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
