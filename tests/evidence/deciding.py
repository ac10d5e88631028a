"""`python -m tests.evidence.deciding PORT FOLDER RUN LOG`: a device that decides a hundred fruit a second until killed.

Each verdict goes through the real reporter and outbox; its outcome follows when its gate would have fired. Before a
verdict is put, it is written into LOG, which outlives this process: `track_id instant`, a line each.
"""

import os
import random
import signal
import sys
from collections import deque
from pathlib import Path

from edge.bench.telling import decided, demo_told_to, fallen, stepped
from edge.clock import now_ns, sleep_until
from edge.telemetry.telemetry import MqttTelemetry

RATE_HZ = 100
NS = 1_000_000_000
BELT_NS = (300_000_000, 800_000_000)
"""From verdict to outcome, at the demo machine's nearest gate and at its furthest."""


def main() -> None:
    """Until SIGTERM, which ends the run in good order."""
    port, folder, run_id, log = sys.argv[1:]
    ends: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: ends.append(1))
    profile = demo_told_to(f"mqtt://127.0.0.1:{port}", Path(folder) / "outbox")
    telemetry = MqttTelemetry(profile, run_id, "factory@0123456789ab", runtime=Path(folder) / "run")
    chance = random.Random(run_id)
    waiting: deque[tuple[int, str]] = deque()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sys.setswitchinterval(0.001)
    with stepped(telemetry):
        began_ns, n = now_ns(), 0
        while not ends:
            at_ns = sleep_until(began_ns + n * NS // RATE_HZ)
            track_id = f"{run_id}.{n}"
            track, verdict = decided(track_id)
            os.write(file, f"{track_id} {verdict.decided_at_ns}\n".encode())
            telemetry.put(track)
            telemetry.put(verdict)
            waiting.append((at_ns + chance.randint(*BELT_NS), track_id))
            while waiting and waiting[0][0] <= at_ns:
                telemetry.put(fallen(waiting.popleft()[1]))
            n += 1
    os.close(file)


if __name__ == "__main__":
    main()
