import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from edge.audited.estimate import Inspected, estimate
from edge.audited.figures import Figures
from edge.config import load_profile
from edge.datapath import LABELS
from edge.indicators import agreed
from edge.telemetry.command_messages import COMMANDS, LabelEvent, Result
from edge.telemetry.incident_messages import Alarm, Incidents, PastAlarm
from edge.telemetry.losses import Lost
from edge.telemetry.messages import SCHEMAS, Message, Writer
from edge.telemetry.preview_messages import Crop, Picture, Preview, Shown
from edge.telemetry.quality import QualityTeller
from edge.telemetry.reporter import Reporter
from edge.telemetry.review_messages import Judge, PicturesPart, Review, ToJudge
from edge.telemetry.schemas import command_schema_text, schema_text
from edge.telemetry.update_messages import Update
from tests.edge.telemetry.records import a_health, a_track, a_verdict, an_outcome

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "messages"


def a_writer() -> Writer:
    return Writer("desk", "demo", "run", utc=lambda: "2025-01-01T00:00:00.000Z")


class Kept:
    def __init__(self):
        self.messages: list[Message] = []
        self.drafts: dict[str, Message] = {}

    def put(self, message: Message, settles: str | None = None) -> None:
        self.messages.append(message)

    def draft(self, write: Callable[[], Message], key: str) -> None:
        self.drafts[key] = write()


def some_figures() -> Figures:
    fruit = [Inspected("red", 0.02, {"red": 1})] * 9 + [Inspected("green", 0.02, {"turning": 1})]
    found = estimate(fruit, LABELS)
    return Figures("factory@0123456789ab", 0.02, found, 0.95, None, 18_000.0, 18.0, 1_735_689_600.0, 1_735_693_200.0)


def one_of_each() -> dict[str, Message]:
    writer, kept = a_writer(), Kept()
    reporter = Reporter(writer, kept)
    for record in (a_track(1), a_verdict(1), an_outcome(1), a_health()):
        reporter.put(record)
    track, metrics = kept.messages
    alarm = Alarm(**writer.header(), name="safe_state", state="raised", severity="error", text="all gates released")
    told = {"name": "safe_state", "state": "acknowledged", "severity": "error", "text": "all gates released"}
    past = PastAlarm(ts_utc="2025-01-01T00:00:00.000Z", by="anna", **told)
    info = writer.info(load_profile(ROOT / "firmware_config/profiles/demo.toml"), "factory@0123456789ab")
    seen = Shown(
        track_id="run.1",
        lane=0,
        origin_mm=120.0,
        y_mm=100.0,
        length_mm=57.3,
        label="red",
        confidence=0.97,
        unknown_score=0.02,
        outlet="red",
        reason="graded",
        gate="red_0",
        opens_mm=(735.0, 785.0),
        age_ms=12.0,
        latency_ms=41.0,
        slack_ms=180.0,
    )
    crop = Crop(
        track_id="run.1",
        why="random",
        jpeg="AAAA",
        label="red",
        confidence=0.97,
        unknown_score=0.02,
        outlet="red",
        reason="graded",
    )
    picture = Picture(jpeg="AAAA", age_ms=20.0, boxes=((0.1, 0.2, 0.1, 0.1),))
    preview = Preview(
        **writer.aside(), belt_mm=500.0, speed_mm_s=600.0, verdicts=(seen,), picture=picture, crops=(crop,)
    )
    result = Result(**writer.aside(), id="c1", user="anna", name="feed", outcome="done", text="upstream is asked")
    label = LabelEvent(**writer.header(), user="anna", command_id="c1", track_id="run.1", label="damaged")
    to_judge = ToJudge(track_id="run.1", why="doubtful", at_utc="2025-01-01T00:00:00.000Z", total=17, because="unsure")
    review = Review(
        **writer.aside(),
        user="anna",
        id="c1",
        items=(to_judge,),
        waiting=1,
        people={"anna": Judge(judged=3, median_s=0.8, shared=1, agreed=1)},
    )
    part = PicturesPart(
        **writer.aside(), user="anna", id="c1", track_id="run.1", offset=0, total=3, sha256="ab" * 32, data="AAAA"
    )
    return {
        "review": writer.encode(review),
        "pictures": writer.encode(part),
        "result": writer.encode(result),
        "label": writer.encode(label),
        "preview": writer.encode(preview),
        "track": track,
        "metrics": metrics,
        "alarm": writer.encode(alarm),
        "info": info,
        "status": writer.status("online"),
        "gap": writer.gap(Lost("an earlier run", "evicted", 17, 4_711, 1_234), total=1_234),
        "update": writer.encode(
            Update(
                **writer.header(),
                state="download",
                active="factory@0123456789ab",
                offered="held@ba9876543210",
                progress=0.5,
                why=None,
                text=None,
                checked_utc="2025-01-01T00:00:00.000Z",
                channel="stable",
                word=7,
                wanted="held@ba9876543210",
                by="rollout",
                refused=None,
                waits=None,
            )
        ),
        "incidents": writer.encode(Incidents(**writer.header(), past=(past,))),
        "quality": QualityTeller(writer, some_figures).step(),
    }


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_committed_schemas_are_those_of_the_code(name):
    committed = (ROOT / "docs/schemas" / f"{name}.json").read_text(encoding="utf-8")
    assert committed == schema_text(name), "run python -m edge.telemetry.schemas docs/schemas"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_committed_schemas_of_commands_are_those_of_the_code(name):
    committed = (ROOT / "docs/schemas" / f"command-{name}.json").read_text(encoding="utf-8")
    assert committed == command_schema_text(name), "run python -m edge.telemetry.schemas docs/schemas"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_message_still_says_what_its_golden_file_says(name):
    """A field may come to a message. None goes, and none says another thing, but for what is the demo machine's own."""
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    said = json.loads(one_of_each()[name].payload)
    assert golden.keys() <= said.keys()
    same = golden.keys() - {"software", "profile", "layout"}
    assert {key: said[key] for key in same} == {key: golden[key] for key in same}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_still_taken_as_its_golden_file_has_it(name):
    """Whoever asks as it was asked then is understood: no word has gone, none is new that must be said."""
    golden = (GOLDEN / f"command-{name}.json").read_bytes()
    taken = asdict(TypeAdapter(COMMANDS[name]).validate_json(golden))
    assert {key: taken[key] for key in json.loads(golden)} == json.loads(golden)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_message_reads_back_as_what_its_schema_says(name):
    message = one_of_each()[name]
    said = TypeAdapter(SCHEMAS[name]).validate_json(message.payload, strict=True)
    assert (message.kind, said.schema) == (name, f"sorter.{name}/1")


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_message_carries_time_run_sequence_and_schema(name):
    said = json.loads(one_of_each()[name].payload)
    assert {"ts_utc", "run_id", "seq", "schema"} <= said.keys()


def test_topics_are_those_of_the_interface():
    topics = {name: message.topic for name, message in one_of_each().items()}
    assert topics == {
        "status": "sorter/v1/desk/demo/status",
        "info": "sorter/v1/desk/demo/info",
        "metrics": "sorter/v1/desk/demo/metrics",
        "track": "sorter/v1/desk/demo/tracks",
        "alarm": "sorter/v1/desk/demo/alarm/safe_state",
        "preview": "sorter/v1/desk/demo/preview",
        "result": "sorter/v1/desk/demo/cmd/anna/feed/result",
        "label": "sorter/v1/desk/demo/labels",
        "gap": "sorter/v1/desk/demo/gap",
        "update": "sorter/v1/desk/demo/update",
        "incidents": "sorter/v1/desk/demo/incidents",
        "review": "sorter/v1/desk/demo/review",
        "pictures": "sorter/v1/desk/demo/pictures",
        "quality": "sorter/v1/desk/demo/quality",
    }


def test_only_what_is_a_state_is_retained():
    retained = {name for name, message in one_of_each().items() if message.retain}
    assert retained == {"status", "info", "gap", "update", "incidents", "quality"}


def test_seq_counts_from_one_over_all_topics_of_a_run():
    writer = a_writer()
    said = [json.loads(writer.status("online").payload)["seq"] for _ in range(3)]
    assert said == [1, 2, 3]


def test_the_last_will_takes_no_number_of_the_run():
    writer = a_writer()
    will = json.loads(writer.last_will().payload)
    assert (will["state"], will["seq"]) == ("offline", 0)
    assert json.loads(writer.status("online").payload)["seq"] == 1


def test_info_says_what_the_self_test_found():
    demo = load_profile(ROOT / "firmware_config/profiles/demo.toml")
    found = {"wake_p99_ms": 0.1, "fruit_per_s_allowed": None}
    assert json.loads(a_writer().info(demo, "factory@0123456789ab", found).payload)["self_test"] == found
    assert json.loads(one_of_each()["info"].payload)["self_test"] is None


def test_info_says_what_was_agreed_of_a_running_line():
    said = json.loads(one_of_each()["info"].payload)["agreed"]
    assert said == {one.counts: one.target for one in agreed().indicators.values()}


def test_info_says_which_gate_opens_which_outlet():
    info = json.loads(one_of_each()["info"].payload)
    assert info["gates"]["red_0"] == "red"
    assert tuple(info["labels"]) == LABELS
