"""The office of the closed loop: what people judged becomes a version, a bundle, a comparison and a release, each by
the command that a person would give."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.bundle import load_bundle
from tests.evidence.trial import Trial, sorter

WHY = "a canary's: trained from few looks, and compared with the bundle that runs on the fruit that people judged"
BY = "loop"


@dataclass(slots=True)
class Office:
    """`python` has TensorFlow. `took_s`: each command's seconds, on the wall."""

    trial: Trial
    python: str
    recipe: str
    data: str
    took_s: dict[str, float] = field(default_factory=dict)

    @property
    def releases(self) -> Path:
        return self.trial.folder / "releases"

    @property
    def looks(self) -> Path:
        """Kept from one training to the next."""
        return self.trial.folder / "looks"

    def open(self) -> None:
        """A folder of releases, with its keys."""
        self._run("release init", "release", "init", str(self.releases), "--keys", str(self._keys))

    def train(self, name: str, out: Path, *versions: Path) -> str:
        """The recipe, on the old data and these versions; returns the bundle's identity."""
        data = [word for one in (self.data, *map(str, versions)) for word in ("--data", one)]
        self._run(name, "train", self.recipe, *data, "--out", str(out), "--work", str(self.looks), python=self.python)
        return load_bundle(out).identity

    def ingest(self, history: Path, out: Path) -> str:
        """Returns what was said of the version."""
        return self._run("ingest", "data", "ingest", str(history), "--out", str(out)).strip().splitlines()[-1]

    def compare(self, new: Path, old: Path, version: Path) -> dict[str, Any]:
        """Both on the held-back fruit of the version: see `training.evaluation.against`."""
        out = self.trial.folder / "compared"
        words = ["--against", str(old), "--data", str(version), "--out", str(out)]
        self._run("compare", "evaluate", str(new), *words, ok=(0, 1))
        found: dict[str, Any] = json.loads((out / "against.json").read_text(encoding="utf-8"))
        return found

    def publish(self, bundle: Path) -> None:
        """Signed, and named by the canary's channel."""
        waiver = ["--waive", "all", "--why", WHY, "--by", BY]
        words = [str(bundle), "--to", str(self.releases), "--channel", "canary", "--keys", str(self._keys)]
        self._run("publish", "publish", *words, *waiver)

    @property
    def _keys(self) -> Path:
        return self.trial.folder / "keys"

    def _run(self, name: str, *words: str, python: str | None = None, ok: tuple[int, ...] = (0,)) -> str:
        self.trial.say(f"sorter {' '.join(words[:2])} ({name})")
        began_s = time.monotonic()
        done = self.trial.run([*(sorter(python) if python else sorter()), *words], ok=ok)
        self.took_s[name] = round(time.monotonic() - began_s, 1)
        return done.stdout
