"""A machine whose kept pictures are to be judged: the device's own telemetry and album, on a real broker.

Its fruit are rendered, its line is nowhere: looks and verdicts are put as the line would put them.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.clock import now_ns, sleep_until
from edge.datapath import LABELS, Detection, Look, Reason, Track, Verdict
from edge.kept import Word, fruit_folders, read_fruit, said
from edge.telemetry.telemetry import MqttTelemetry
from edge.trace.pictures import Pictures
from sim.fruit import Skin, load_builtin
from tests.edge.profiles import demo
from tests.edge.telemetry.records import a_health

NS = 1_000_000_000
LOOKS, PX = 4, 110
REASONS: tuple[Reason, ...] = ("doubtful", "audited", "unknown")


@dataclass
class ReviewedMachine:
    """`truth`: what each fruit is, by track. `called`: what the machine called it."""

    folder: Path
    pictures: Pictures
    truth: dict[str, str]
    called: dict[str, str]

    def words(self) -> dict[str, Word]:
        """What the user `desk` has said, from the machine's own disk."""
        found = {}
        for home in fruit_folders(self.folder / "pictures"):
            kept, _, words = read_fruit(home)
            if word := said(words).get("desk"):
                found[kept.track_id] = word
        return found


@contextmanager
def a_machine(port: int, folder: Path, fruit: int, seed: int = 1) -> Iterator[ReviewedMachine]:
    """`desk/demo` at the broker on this port, with so many fruit to judge."""
    profile = demo(
        telemetry={"broker": f"mqtt://127.0.0.1:{port}"},
        history={"folder": folder},
    )
    pictures = Pictures(profile, chance=random.Random(seed))
    machine = ReviewedMachine(folder, pictures, {}, {})
    rng = random.Random(seed)
    skins = load_builtin("held")
    for n in range(fruit):
        _pass_by(machine, pictures, f"run.{n}", rng.choice(skins), n, rng)
        pictures.step(0)
    telemetry = MqttTelemetry(profile, "run", "factory@0123456789ab", album=pictures)
    ended = threading.Event()

    def say(at_ns: int) -> int:
        telemetry.put(a_health(at_ns=at_ns))
        return at_ns + NS

    threads = [threading.Thread(target=_keep, args=(step, ended)) for step in (telemetry.step, pictures.step, say)]
    for thread in threads:
        thread.start()
    try:
        yield machine
    finally:
        ended.set()
        for thread in threads:
            thread.join(10)
        telemetry.close()


def _keep(step, ended: threading.Event) -> None:
    while not ended.is_set():
        wake_ns = step(now_ns())
        while now_ns() < wake_ns and not ended.is_set():
            sleep_until(min(wake_ns, now_ns() + NS // 50))


def _pass_by(
    machine: ReviewedMachine, pictures: Pictures, track_id: str, skin: Skin, n: int, rng: random.Random
) -> None:
    reason = REASONS[n % len(REASONS)]
    called = skin.label if rng.random() < 0.6 else rng.choice(LABELS)
    machine.truth[track_id], machine.called[track_id] = skin.label, called
    sure = 0.97 if reason == "audited" else rng.uniform(0.35, 0.6)
    scores = tuple(sure if label == called else (1 - sure) / 3 for label in LABELS)
    for k in range(LOOKS):
        rgba = cv2.resize(skin.view(k * skin.views // LOOKS), (PX, PX))
        mask = np.where(rgba[..., 3] > 127, 255, 0).astype(np.uint8)
        features = np.random.default_rng(n).integers(-100, 100, 16).astype(np.int8)
        pictures.put(Look(track_id, k, 1.0, scores, 0.1, features))
        seen = Detection((0, 0, PX, PX), 0.0, 0.0, 55.0, 55.0, False, np.ascontiguousarray(rgba[..., :3]), mask)
        pictures.looked([(track_id, seen)])
    pictures.put(Track(track_id, 0, 0, 100.0, 57.0, ()))
    pictures.put(Verdict(track_id, called, sure, 0.1, scores, "end", reason, n, "factory@0123456789ab", "p"))
