"""People at the device of a run in virtual time: they command it, and judge the pictures that it keeps."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge.kept import PICTURES, fruit_folders, read_fruit
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.setup import prepare

S = 1_000_000_000


class Person:
    """Asks what to judge, once, and calls every fruit of the answer red."""

    def __init__(self, run: FastRun, user: str) -> None:
        self.answers: list[dict[str, Any]] = []
        self.judged: list[str] = []
        self._user = user
        self._client = run.broker.connect()
        self._root = "sorter/v1/packing/line-1"
        self._asked = False
        run.broker.subscribe(self._hear)
        run.beside(self._step)

    def command(self, name: str, **said: Any) -> None:
        body = {"id": f"{name}-{len(self.judged)}", "expires_utc": "1970-01-01T00:05:00Z", **said}
        self._client.publish(f"{self._root}/cmd/{self._user}/{name}", json.dumps(body).encode(), False)

    def _step(self, now_ns: int) -> int:
        if now_ns > 6 * S and not self._asked:
            self._asked = True
            self.command("review", most=5)
        return now_ns + S

    def _hear(self, topic: str, payload: bytes) -> None:
        if topic.endswith("/result"):
            self.answers.append(json.loads(payload))
        if topic == f"{self._root}/review":
            for item in json.loads(payload)["items"]:
                self.judged.append(item["track_id"])
                self.command("label", track_id=item["track_id"], label="red", seconds=1.5)


def run(folder: Path, user: str) -> Person:
    setup = prepare("clean", seed=1, limit=Limit(fruit=70))
    told = {
        "history": setup.profile.history.model_copy(update={"folder": folder}),
        "audit": setup.profile.audit.model_copy(update={"share": 0.2}),
        "commands": {"desk": ["review", "label"], "guest": ["preview"]},
        "site": "packing",
        "machine": "line-1",
    }
    object.__setattr__(setup, "profile", setup.profile.model_copy(update=told))
    fast = FastRun(setup)
    person = Person(fast, user)
    fast.run()
    return person


@pytest.mark.slow
def test_what_a_person_says_of_a_kept_fruit_is_kept_with_its_pictures(tmp_path: Path) -> None:
    person = run(tmp_path, "desk")
    assert len(person.judged) == 5
    said = {}
    for folder in fruit_folders(tmp_path / PICTURES):
        kept, pictures, words = read_fruit(folder)
        assert len(pictures) == len(kept.shots) > 0
        said |= {word.track_id: (word.user, word.label, word.seconds) for word in words}
    assert said == dict.fromkeys(person.judged, ("desk", "red", 1.5))


@pytest.mark.slow
def test_who_may_not_is_told_so(tmp_path: Path) -> None:
    person = run(tmp_path, "guest")
    assert person.judged == []
    assert [answer["outcome"] for answer in person.answers] == ["refused"]
