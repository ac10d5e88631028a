"""The sorting machine inside the nspawn machine, and the world around it: what its pins did, what the broker heard."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from edge import clock
from edge.config import load_profile
from edge.telemetry.header import Header
from edge.telemetry.messages import ADAPTERS, ROADS
from sim.wires import Edge, Lost, Wires
from tests.nspawn import film, fitted
from tests.nspawn.machine import Machine
from tests.nspawn.rootfs import TREE, kept

S = 1_000_000_000
Said = TypeVar("Said", bound=Header)


class Line:
    """A context: booted within, and installed over ssh, as a user would."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.fruit = fitted.fit(machine)
        self.profile = load_profile(machine.folder / "profile.toml")
        self.wires = Wires(machine.shared / "pins")
        (machine.shared / "pins").chmod(0o666)
        self.said: list[dict[str, Any]] = []
        """The messages of the broker, in order, each with its `topic`."""
        self._edges: list[Edge | Lost] = []
        machine.boot()
        self.deploy("--profile", machine.folder / "profile.toml")
        words = ("nsenter", "--target", str(machine.leader), "--net", "mosquitto_sub", "-t", "sorter/#", "-F", "%j")
        self._heard = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self._hearing = threading.Thread(target=self._hear, daemon=True)
        self._hearing.start()

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._heard.terminate()
        self._hearing.join(5)
        assert self._heard.stdout
        self._heard.stdout.close()
        self._heard.wait(5)
        self.wires.close()

    def deploy(
        self, *options: object, tree: Path = TREE, check: bool = True, to: str = "sorter-machine"
    ) -> subprocess.CompletedProcess[str]:
        """`deploy.sh` of a checkout, without a question."""
        words = self.deploying(*options, tree=tree, to=to)
        done = subprocess.run(words, check=False, capture_output=True, text=True, **self.around)
        assert not check or done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
        return done

    def deploying(self, *options: object, tree: Path = TREE, to: str = "sorter-machine") -> list[str]:
        words = (tree / "deploy.sh", "--yes", "--offline", "--healthy", "3", *options, to)
        return [str(word) for word in words]

    @property
    def around(self) -> dict[str, Any]:
        """What deploy.sh finds around it: the machine's name for ssh, a Python with pip, and a place for wheels."""
        places = {"SSH_CONFIG": self.machine.ssh_config, "PYTHON": sys.executable, "SORTER_WHEELS": kept()}
        return {"env": os.environ | {name: str(value) for name, value in places.items()}, "stdin": subprocess.DEVNULL}

    @property
    def edges(self) -> list[Edge | Lost]:
        self._edges += self.wires.take()
        return self._edges

    def show(self, *names: str) -> dict[str, str]:
        """Properties of the unit."""
        words = ("systemctl", "show", "sorter", *(f"--property={name}" for name in names))
        lines = self.machine.run(*words).stdout.splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines)}

    def main(self) -> int:
        """The main process, by its number inside."""
        return int(self.show("MainPID")["MainPID"])

    def gates(self) -> int:
        """The gate process, by its number inside."""
        return int(self.machine.run("pgrep", "-f", "edge.sort.gates").stdout.split()[0])

    def sorting(self) -> bool:
        found = self.show("ActiveState", "StatusText")
        return found == {"ActiveState": "active", "StatusText": "sorting"}

    def until(self, holds: Callable[[], object], within_s: float, what: str, every_ns: int = S // 10) -> None:
        until_ns = clock.now_ns() + round(within_s * S)
        while not holds():
            if clock.now_ns() > until_ns:
                told = self.machine.run(
                    "journalctl", "--no-pager", "--output=cat", "-n", "40", "-u", "sorter", check=False
                )
                raise AssertionError(f"{what}: not within {within_s} s\n{told.stdout}")
            clock.sleep_until(clock.now_ns() + every_ns)

    def sorts(self, within_s: float = 30) -> None:
        """Wait until it does."""
        self.until(self.sorting, within_s, "the line sorts")

    def left(self) -> set[str]:
        """Files in it that have the sorter's name, but for the drop-in, which is the test's."""
        find = ("find", "/", "-xdev", "-iname", "*sorter*", "-not", "-path", "/proc/*", "-not", "-path", "/sys/*")
        return set(self.machine.run(*find).stdout.split()) - {"/etc/systemd/system/sorter.service.d"}

    def passages(self) -> list[film.Passage]:
        """The fruit that passed the line since the film last began or was held up."""
        told = self.machine.run("cat", "/run/sorter/film").stdout.split()
        return film.passages(self.profile, self.fruit, (int(told[-2]), int(told[-1])), self.edges, clock.now_ns())

    def this_run(self) -> list[Edge | Lost]:
        """The edges since the lines were last claimed."""
        edges = self.edges
        lost = max((n for n, edge in enumerate(edges) if isinstance(edge, Lost)), default=-1)
        return edges[lost + 1 :]

    def run_id(self) -> str:
        """The run's that sorts now, or sorted last."""
        said = (one for one in reversed(self.said) if one["topic"].endswith("/status"))
        return next(str(one["run_id"]) for one in said if one["state"] == "online")

    def told(self, shape: type[Said]) -> list[Said]:
        """This run's messages of a shape, in order, each held to it."""
        topic = f"/{ROADS[shape][1]}"
        run_id = self.run_id()
        of_run = [one for one in self.said if one["topic"].endswith(topic) and one["run_id"] == run_id]
        return [
            ADAPTERS[shape].validate_python({name: value for name, value in one.items() if name != "topic"})
            for one in of_run
        ]

    def _hear(self) -> None:
        assert self._heard.stdout
        for row in self._heard.stdout:
            message = json.loads(row)
            if message["payload"]:
                self.said.append({"topic": message["topic"], **json.loads(message["payload"])})
