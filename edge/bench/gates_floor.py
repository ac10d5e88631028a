"""What the gate process is measured against: a bare process that sleeps and spins to deadlines, at equal priority.

`python -m edge.bench.gates_floor` says `ready`, reads one line, a JSON list of instants on the one clock, and answers
with the list of instants at which it met them. No GPIO, no pipes to look after, no belt, nothing to decide.
"""

import json
import sys

from edge.sort.punctual import be_punctual, meet


def main() -> None:
    be_punctual()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    met = meet(json.loads(sys.stdin.readline() or "[]"))
    sys.stdout.write(json.dumps(met) + "\n")


if __name__ == "__main__":
    main()
