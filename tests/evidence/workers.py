"""Two workers on one machine train an epoch of the CI recipe, through its `strategy`, beside one that does it alone."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from pathlib import Path

from tests.evidence.trained import small_recipe
from tests.evidence.trial import ROOT, Trial, sorter, surroundings
from training.recipe import RECIPES
from training.spread import CLUSTER

_LOSS = re.compile(r"epoch 1 of 1, loss ([\d.]+)")


def losses(trial: Trial, python: str) -> dict[str, float]:
    """`alone`, and that of `worker_0` and `worker_1`."""
    shipped = RECIPES / "ci.toml" if trial.size >= 1 else Path(small_recipe(trial))
    text = re.sub(r"(?m)^epochs = .*$", "epochs = 1", shipped.read_text(encoding="utf-8"))
    alone = _start(trial, python, text, "alone", {})
    found = {"alone": _loss(alone)}
    text = text.replace("[training]", '[training]\nstrategy = "multi-worker"')
    workers = [f"localhost:{port}" for port in _ports(2)]
    started = []
    for index in range(2):
        task = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
        started.append(_start(trial, python, text, "shared", {CLUSTER: json.dumps(task)}))
    return found | {f"worker_{index}": _loss(process) for index, process in enumerate(started)}


def _start(trial: Trial, python: str, text: str, name: str, environ: dict[str, str]) -> subprocess.Popen[str]:
    recipe = trial.folder / f"{name}.toml"
    recipe.write_text(text, encoding="utf-8")
    command = [*sorter(python), "train", str(recipe), "--out", str(trial.folder / name)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=ROOT, env=surroundings(**environ), stdout=pipe, stderr=subprocess.STDOUT, text=True
    )


def _loss(process: subprocess.Popen[str]) -> float:
    told, _ = process.communicate(timeout=1_200)
    found = _LOSS.search(told)
    if process.returncode != 0 or found is None:
        raise RuntimeError("a worker ended badly:\n" + "\n".join(told.splitlines()[-20:]))
    return float(found[1])


def _ports(count: int) -> list[int]:
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    found = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return found
