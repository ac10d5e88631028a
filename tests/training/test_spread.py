import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edge.errors import UsageFault
from tests.evidence.trial import ROOT, surroundings
from training.spread import CLUSTER, open_spread


def cluster(*workers: str, index: int) -> str:
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}})


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("", "TF_CONFIG is not set"),
        ("{", "names no cluster"),
        ('{"cluster": {}}', "names no cluster"),
        (cluster("one:1", "two:1", index=2), "task 2 of 2 workers; must be 0 to 1"),
    ],
)
def test_several_workers_without_a_cluster_are_refused(told: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CLUSTER, told)
    with pytest.raises(UsageFault, match=fault) as raised:
        open_spread(None, "multi-worker")
    assert "\n" not in str(raised.value)


def ports(count: int) -> list[str]:
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    found = [f"localhost:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return found


def start(strategy: str, folder: Path, **environ: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.training.worker", strategy, str(folder)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=surroundings(**environ), stdout=pipe, stderr=pipe, text=True)


@pytest.mark.slow
@pytest.mark.tensorflow
@pytest.mark.timeout(900)
def test_two_workers_have_the_loss_of_one(tmp_path: Path) -> None:
    names = ports(2)
    started = [start("none", tmp_path / "alone")]
    started += [
        start("multi-worker", tmp_path / "shared", **{CLUSTER: cluster(*names, index=index)}) for index in range(2)
    ]
    told = [process.communicate(timeout=280) for process in started]
    assert all(process.returncode == 0 for process in started), told
    alone, first, second = (float(out.split()[-1]) for out, _ in told)
    assert first == second
    assert first == pytest.approx(alone, rel=0.01)
    assert (tmp_path / "shared" / "epochs").is_dir() and (tmp_path / "shared-1" / "epochs").is_dir()
