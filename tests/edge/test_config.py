"""Profiles: every fault at once, each in one line that says where, what was found and what is allowed."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config import load_profile, profile_of, schema
from edge.errors import ProfileFault, UsageFault

DEMO = Path(__file__).parents[2] / "firmware_config" / "profiles" / "demo.toml"
TEXT = DEMO.read_text(encoding="utf-8")

Faults = Callable[..., list[str]]


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    """The faults of the demo profile after some replacements of its text, without the file's name."""

    def of(*changes: tuple[str, str]) -> list[str]:
        text = TEXT
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "line.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ProfileFault) as caught:
            load_profile(path)
        assert all(line.startswith(f"{path}: ") and line.isprintable() for line in caught.value.faults)
        return [line.removeprefix(f"{path}: ") for line in caught.value.faults]

    return of


def test_the_demo_profile_is_good_and_every_key_of_a_profile_stands_in_it() -> None:
    load_profile(DEMO)
    written = {line.lstrip("# ").partition(" =")[0] for line in TEXT.splitlines() if " = " in line}
    whole = schema()
    for section in (whole, *whole["$defs"].values()):
        for key, held in section["properties"].items():
            is_value = not any("$ref" in kind for kind in (held, *held.get("anyOf", ()))) and not {
                "additionalProperties",
                "patternProperties",
            } & set(held)
            assert key in written or not is_value or f"[[{key}]]" in TEXT, key


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'site = "desk"',
            'site = "My desk"',
            'site = "My desk": must be 1 to 32 of a-z, 0-9, - and _, no - or _ first',
        ),
        ("gain = 1.0", "gain = true", "[camera] gain = true: must be a number, 1 to 16"),
        ("width_px = 640", 'width_px = "640"', '[camera] width_px = "640": must be a whole number, 160 to 4056'),
        ("queue = 10000", "queue = 1", "[telemetry] queue = 1: must be 100 to 1000000"),
        ("heartbeat_ms = 100", "heartbeat_ms = 5", "[safety] heartbeat_ms = 5: must be 40 to 1000"),
        ("late_mm = 6", "late_mm = nan", "[sort] late_mm = nan: must be above 0 and at most 10000"),
        ("[1.0, 1.0]", "[1.0, 90]", "[camera.white_balance] 1 = 90: must be above 0 and at most 32"),
        ("pin = 17", "pin = 28", "[gates.red_0] pin = 28: must be 2 to 27"),
        ("active_high = true", "active_high = 1", "[gates.red_0] active_high = 1: must be true or false"),
        ("speed_mm_s = 600", "", "[belt] speed_mm_s: missing; it must be given"),
        ("[gates.red_0]", '[gates."Red 0"]', "[gates] Red 0: must be 1 to 32 of a-z, 0-9, - and _, no - or _ first"),
        (
            "mqtt://127.0.0.1:1883",
            "localhost",
            '[telemetry] broker = "localhost": must be mqtt://host or mqtts://host, :port where it differs',
        ),
    ],
)
def test_a_faulty_key_is_named_with_what_was_found_and_what_is_allowed(
    faults: Faults, old: str, new: str, fault: str
) -> None:
    assert faults((old, new)) == [fault]


def test_a_wrong_unit_is_an_unknown_key_with_the_right_one_as_a_hint(faults: Faults) -> None:
    found = faults(("speed_mm_s = 600", "speed_m_s = 0.6"))
    assert found == ["[belt] speed_m_s = 0.6: unknown key; did you mean speed_mm_s?"]


def test_an_unknown_key_like_no_other_is_told_those_that_exist(faults: Faults) -> None:
    assert faults(("speed_mm_s = 600", "speed_mm_s = 600\nx = 1")) == ["[belt] x = 1: unknown key; have speed_mm_s"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ([("pin = 18", "pin = 17")], "[gates.red_1] pin = 17: already used by gates.red_0; give each gate its own"),
        ([("lane = 1", "lane = 2")], "[gates.red_1] lane = 2: must be 0 to 1, the number of a lane"),
        ([("lane = 1", "lane = 0")], '[gates.red_1] outlet = "red": already served in lane 0 by gates.red_0'),
        (
            [("x_mm = 640", "x_mm = 500")],
            "[gates.red_0] x_mm = 500: must be at least 572, where a fruit that leaves the camera's view gets within "
            "the latency budget",
        ),
        (
            [("shortest_on_ms = 30", "shortest_on_ms = 31")],
            "[gates.red_0] shortest_on_ms = 31: must be at most 30, the time of the shortest pulse: [sort] "
            "shortest_window_mm less late_mm, and the gate's two delays",
        ),
        (
            [("close_delay_ms = 15", "close_delay_ms = 16.5")],
            "[gates.red_0] shortest_on_ms = 30: must be at most 28.5, the time of the shortest pulse: [sort] "
            "shortest_window_mm less late_mm, and the gate's two delays",
        ),
        (
            [("longest_on_ms = 500", "longest_on_ms = 80")],
            "[gates.red_0] longest_on_ms = 80: must be at least 83.333, the time of a whole pulse: [sort] window_mm "
            "and the gate's two delays",
        ),
        (
            [("longest_on_ms = 500", "longest_on_ms = 90"), ("open_delay_ms = 15", "open_delay_ms = 35")],
            "[gates.red_0] longest_on_ms = 90: must be at least 103.333, the time of a whole pulse: [sort] window_mm "
            "and the gate's two delays",
        ),
        ([("late_mm = 6", "late_mm = 13")],
            "[sort] late_mm = 13: must be at most 12, half of shortest_window_mm: "
            "the fruit's middle would have passed"),
        ([("127.0.0.1:1883", "127.0.0.1:65536")],
            '[telemetry] broker = "mqtt://127.0.0.1:65536": the port must be 1 to 65535'),
        ([('# password_file = "/etc', 'password_file = "/etc')],
            '[telemetry] password_file = "/etc/sorter/password": belongs to a username; give that too'),
        ([('# password_file = "/etc/sorter/', 'username = "demo"\npassword_file = "')],
            '[telemetry] password_file = "password": must be a whole path, from / on'),
        ([("to_mm = 288", "to_mm = 400")], "[lanes.1] to_mm = 400: must be at most 336, the camera's view"),
        ([("to_mm = 168", "to_mm = 40")], "[lanes.0] to_mm = 40: must be above from_mm = 48"),
        ([("from_mm = 168", "from_mm = 160")], "[lanes.1] from_mm = 160: must be at least 168, lane 0's end"),
        ([("frames_hz = 30", "frames_hz = 240"), ("exposure_us = 500", "exposure_us = 5000")],
            "[camera] exposure_us = 5000: must be at most 4167, the time of a frame"),
        ([("# silent_ms = 100", "silent_ms = 60")],
            "[camera] silent_ms = 60: must be at least 67, the time of two frames"),
        ([("fewest_looks = 3", "fewest_looks = 13")], "[grade] fewest_looks = 13: must be at most most_looks = 12"),
        ([("frames_hz = 30", "frames_hz = 3")],
            "[grade] fewest_looks = 3: must be at most 2, the frames that see a fruit"),
        ([('red = "red"\nturn', 'red = "rot"\nturn')],
            '[route] red = "rot": must be one of damaged, green, red, turning'),
        ([('red = "red"\nturn', 'ripe = "red"\nturn')], "[route] ripe: must be one of green, turning, red, damaged"),
        ([("shortest_window_mm = 24", "shortest_window_mm = 60")],
            "[sort] shortest_window_mm = 60: must be at most window_mm = 50"),
        ([('# folder = "/var/lib', 'folder = "var/lib')],
            '[recorder] folder = "var/lib/sorter/recorder": must be a whole path, from / on'),
        ([("red = { red = 0.20", "red = { rot = 0.20")],
            "[money.worth.red] rot: must be one of damaged, green, red, turning, end"),
    ],
)  # fmt: skip
def test_what_no_single_key_shows_is_found(faults: Faults, changes: list[tuple[str, str]], fault: str) -> None:
    assert fault in faults(*changes)


def test_only_damaged_fruit_may_be_sent_to_the_belts_end(faults: Faults, tmp_path: Path) -> None:
    assert faults(('red = "red"\n', 'red = "end"\n')) == [
        '[route] red = "end": only damaged may be sent to the belt\'s end; leave red out'
    ]
    path = tmp_path / "good.toml"
    path.write_text(TEXT.replace('damaged = "damaged"\n', 'damaged = "end"\n'), encoding="utf-8")
    assert load_profile(path).outlet_of("damaged") == "end"


def test_a_routed_outlet_needs_a_gate_in_every_lane(faults: Faults) -> None:
    start = TEXT.index("[gates.damaged_1]")
    gate = TEXT[start : TEXT.index("[route]", start)]
    assert faults((gate, "")) == ['[route] damaged = "damaged": lane 1 has no gate with this outlet; add one']


def test_faults_between_good_keys_come_with_the_faulty_keys(faults: Faults) -> None:
    found = faults(
        ("speed_mm_s = 600", "speed_m_s = 0.6"),
        ("open_delay_ms = 15", "open_delay_ms = 900"),
        ("pin = 18", "pin = 17"),
        ("fewest_looks = 3", "fewest_looks = 13"),
    )
    assert found == [
        "[belt] speed_m_s = 0.6: unknown key; did you mean speed_mm_s?",
        "[gates.red_0] open_delay_ms = 900: must be 0 to 200",
        "[gates.red_1] pin = 17: already used by gates.red_0; give each gate its own",
        "[grade] fewest_looks = 13: must be at most most_looks = 12",
    ]


def test_without_lanes_no_gate_is_told_where_it_may_be() -> None:
    profile = tomllib.loads(TEXT) | {"lanes": []}
    with pytest.raises(ProfileFault) as caught:
        profile_of(profile, "line.toml")
    assert caught.value.faults == ["line.toml: lanes = [...]: must be a list of 1 to 16"]


def test_a_faulty_key_is_not_replaced_by_its_default_when_keys_are_compared(faults: Faults) -> None:
    found = faults(("fewest_looks = 3", "fewest_looks = 99"), ("most_looks = 12", "most_looks = 2"))
    assert found == ["[grade] fewest_looks = 99: must be 1 to 64"]


def test_a_missing_file_is_a_wrong_question(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=r"none\.toml: no such file"):
        load_profile(tmp_path / "none.toml")


@pytest.mark.parametrize("raw", [b"site = ", b"\xff\xfe", b"[belt]\n[belt]\n"])
def test_a_file_that_is_not_toml_is_one_line(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "line.toml"
    path.write_bytes(raw)
    with pytest.raises(ProfileFault) as caught:
        load_profile(path)
    assert len(caught.value.faults) == 1


def test_the_digest_names_the_settings_and_not_the_file(tmp_path: Path) -> None:
    same, other = tmp_path / "same.toml", tmp_path / "other.toml"
    same.write_text(TEXT.replace("# ", "#  "), encoding="utf-8")
    other.write_text(TEXT.replace("speed_mm_s = 600", "speed_mm_s = 599"), encoding="utf-8")
    assert load_profile(DEMO).digest == load_profile(same).digest != load_profile(other).digest


VALUES = st.none() | st.booleans() | st.integers(-9, 9999) | st.floats() | st.text(max_size=5)
ANYTHING = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))


@pytest.mark.slow
@given(st.data())
@settings(max_examples=100)
def test_whatever_stands_in_a_profile_it_is_told_in_lines(data: st.DataObject) -> None:
    profile: dict[str, Any] = tomllib.loads(TEXT)
    for _ in range(data.draw(st.integers(1, 3))):
        node: Any = profile
        for _ in range(data.draw(st.integers(0, 2))):
            inner = [
                held for held in (node.values() if isinstance(node, dict) else node) if isinstance(held, dict | list)
            ]
            node = data.draw(st.sampled_from(inner)) if inner else node
        if not node:
            continue
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        node[key] = data.draw(ANYTHING)
    try:
        profile_of(profile, "line.toml")
    except ProfileFault as fault:
        assert fault.faults
        assert all(line.startswith("line.toml: ") and line.isprintable() for line in fault.faults)
