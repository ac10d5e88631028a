"""Who may publish and read what, at a real mosquitto with TLS: every role, every topic, both ways.

The tables are written by hand, not from roles.toml: what is not named here must be refused.
"""

import pytest

from edge.telemetry.command_messages import COMMANDS as COMMANDS_OF_THE_WIRE
from edge.telemetry.messages import ROADS
from plant.register import ROLES
from tests.plant.mosquitto import ADMIN, USERS, Member, PlantBroker, a_plant, wait

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

ONE, TWO, OTHER = "sorter/v1/packing/line-1", "sorter/v1/packing/line-2", "sorter/v1/elsewhere/line-1"
SAID = (
    *("status", "info", "metrics", "tracks", "alarm/overload", "preview", "update", "labels", "gap", "incidents"),
    *("review", "pictures", "quality"),
)
PEOPLE = {
    "vera": {"preview"},
    "rosa": {"preview", "review", "pictures", "label"},
    "anna": {"preview", "review", "pictures", "label", "feed", "acknowledge", "lot"},
    "rolf": {"preview", "review", "pictures", "check-update"},
}
"""A viewer, a reviewer, an operator, a releaser, and what each may command."""

COMMANDED = (
    *(f"cmd/{user}/{name}" for user in PEOPLE for name in COMMANDS_OF_THE_WIRE),
    *("cmd/berta/feed", "cmd/homeassistant/feed", "cmd/homeassistant/label", "cmd/wall/feed", "cmd/line-1/feed"),
    *("cmd/wall/preview", "cmd/wall/label", "cmd/wall/acknowledge", "cmd/archive/preview", "cmd/rosa/open-gate"),
)

SAYS = {root: {f"{root}/{topic}" for topic in SAID} for root in (ONE, TWO, OTHER)}
COMMANDS = {root: {f"{root}/{topic}" for topic in COMMANDED} for root in (ONE, TWO, OTHER)}
ANSWERS = {root: {f"{topic}/result" for topic in COMMANDS[root]} for root in (ONE, TWO, OTHER)}
SORTER = set().union(*SAYS.values(), *COMMANDS.values(), *ANSWERS.values())
DISCOVERED = {machine: f"homeassistant/device/sorter-packing-{machine}/config" for machine in ("line-1", "line-2")}
BORN = {m: {f"spBv1.0/packing/{kind}/{m}" for kind in ("NBIRTH", "NDATA", "NDEATH")} for m in ("line-1", "line-2")}
REBIRTH = {machine: f"spBv1.0/packing/NCMD/{machine}" for machine in ("line-1", "line-2")}
SPARKPLUG = {*BORN["line-1"], *BORN["line-2"], *REBIRTH.values(), "spBv1.0/STATE/scada", "spBv1.0/STATE/other"}
ELSE = {"anything", "sorter", "sorter/v1/packing", "homeassistant/light/lamp/config", "homeassistant/switch/x/set"}
TOPICS = sorted({*SORTER, *DISCOVERED.values(), "homeassistant/status", *SPARKPLUG, *ELSE})

MAY_PUBLISH = {
    "line-1": SAYS[ONE] | ANSWERS[ONE] | {DISCOVERED["line-1"]} | BORN["line-1"],
    "line-2": SAYS[TWO] | ANSWERS[TWO] | {DISCOVERED["line-2"]} | BORN["line-2"],
    **{user: {f"{root}/cmd/{user}/{name}" for root in (ONE, TWO) for name in names} for user, names in PEOPLE.items()},
    "berta": {f"{ONE}/cmd/berta/feed", f"{TWO}/cmd/berta/feed"},
    "wall": {f"{ONE}/cmd/wall/preview", f"{TWO}/cmd/wall/preview"},
    "archive": set(),
    "homeassistant": {
        f"{ONE}/cmd/homeassistant/feed",
        f"{TWO}/cmd/homeassistant/feed",
        "homeassistant/status",
    },
    "scada": {*REBIRTH.values(), "spBv1.0/STATE/scada"},
    "elsewhere": SAYS[OTHER],
}
MAY_READ = {
    "line-1": COMMANDS[ONE] | {"homeassistant/status", REBIRTH["line-1"]},
    "line-2": COMMANDS[TWO] | {"homeassistant/status", REBIRTH["line-2"]},
    **{user: SORTER | {"sorter/v1/packing"} for user in PEOPLE},
    "berta": SORTER | {"sorter/v1/packing"},
    "wall": SORTER | {"sorter/v1/packing"},
    "archive": SORTER | {"sorter/v1/packing"},
    "homeassistant": {
        *SORTER,
        "sorter/v1/packing",
        *DISCOVERED.values(),
        "homeassistant/status",
        "homeassistant/light/lamp/config",
        "homeassistant/switch/x/set",
    },
    "scada": SPARKPLUG,
    "elsewhere": set(),
}
NOT_AUTHORIZED = 0x87


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with a_plant(tmp_path_factory.mktemp("plant") / "office") as running:
        yield running


@pytest.fixture
def member(broker: PlantBroker):
    made: list[Member] = []

    def connect(name: str, *arguments, **options) -> Member:
        made.append(Member(broker, name, *arguments, **options))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def ways(name: str) -> list[str]:
    return ["password", "certificate"] if name.startswith("line") else ["password"]


CASES = [(name, by) for name in MAY_PUBLISH for by in ways(name)]


@pytest.mark.parametrize(("name", "by"), CASES)
def test_a_member_publishes_what_its_role_may_and_nothing_else(name, by, member) -> None:
    one = member(name, by=by)
    answers = {topic: one.publish(topic) for topic in TOPICS}
    refused = {topic for topic, reason in answers.items() if reason.value == NOT_AUTHORIZED}
    assert {str(answers[topic]) for topic in refused} <= {"Not authorized"}
    assert set(TOPICS) - refused == MAY_PUBLISH[name]


@pytest.mark.parametrize(("name", "by"), CASES)
def test_what_a_member_may_not_publish_reaches_nobody(name, by, member) -> None:
    witness, one = member(ADMIN), member(name, by=by)
    witness.subscribe("#")
    for topic in TOPICS:
        one.publish(topic)
    last = member(ADMIN)
    last.publish("the/end")
    wait(lambda: ("the/end", b"x") in witness.heard)
    assert {topic for topic, _ in witness.heard} - {"the/end"} == MAY_PUBLISH[name]


@pytest.mark.parametrize(("name", "by"), CASES)
def test_a_member_reads_what_its_role_may_and_nothing_else(name, by, member) -> None:
    """Whatever it subscribes to: this broker grants every subscription, and delivers what may be read."""
    speaker, one = member(ADMIN), member(name, by=by)
    for topic in ("#", "+/#", "$SYS/#", *TOPICS):
        one.subscribe(topic)
    for topic in TOPICS:
        speaker.publish(topic)
    one.subscribe("the/end")  # its answer comes after all that was delivered before
    heard = {topic for topic, _ in one.heard}
    assert heard == MAY_READ[name]


def test_a_retained_message_is_not_read_by_whoever_may_not(member) -> None:
    member(ADMIN).publish(f"{TWO}/status", b"secret", retain=True)
    one = member("line-1")
    one.subscribe("#")
    one.subscribe("the/end")
    assert one.heard == []


@pytest.mark.parametrize(
    ("name", "password"),
    [("anna", "wrong"), ("anna", ""), ("nobody", "x"), ("", ""), ("line-1", "wrong")],
)
def test_who_cannot_prove_the_name_does_not_come_in(name, password, member) -> None:
    assert member(name, password).refusal in ("Not authorized", "Bad user name or password")


def test_the_table_has_every_role_and_every_topic_of_the_wire() -> None:
    assert set(USERS.values()) | {"machine"} == set(ROLES)
    said = {topic.format("overload") for _, topic, _ in ROADS.values() if not topic.startswith("cmd/")}
    assert said <= set(SAID)
