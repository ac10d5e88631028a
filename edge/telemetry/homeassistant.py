"""Home Assistant finds the machine by itself: one device with its sensors, alarms and buttons.

By its MQTT discovery for devices (2024.11 and later): one retained message, said again when Home Assistant says that it
is back. The sensors read the machine's own topics, the buttons are commands of the user `homeassistant`.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any, get_args

from edge.config import Profile
from edge.datapath import LineState
from edge.incidents import CATALOGUE
from edge.telemetry.messages import Message

STATUS_TOPIC = "homeassistant/status"
USER = "homeassistant"
"""Under this name its buttons command: the broker's user, and the one in [commands]."""
EXPIRY_S = 30

MS = {"state_class": "measurement", "device_class": "duration", "unit_of_measurement": "ms"}
Parts = dict[str, dict[str, Any]]

MEASURED: Mapping[str, tuple[str, dict[str, str]]] = {
    "verdicts": ("Fruit decided", {"state_class": "total_increasing"}),
    "fired": ("Pulses fired", {"state_class": "total_increasing"}),
    "late": ("Pulses refused as late", {"state_class": "total_increasing"}),
    "refused": ("Pulses refused", {"state_class": "total_increasing"}),
    "shed": ("Fruit shed", {"state_class": "total_increasing"}),
    "frames_dropped": ("Frames dropped", {"state_class": "total_increasing"}),
    "queued_messages": ("Messages waiting", {"state_class": "measurement"}),
    "step_p99_ms": ("Step, 99 %", MS),
    "gate_late_p99_ms": ("Gates late, 99 %", MS),
    "speed_allowed_mm_s": (
        "Belt speed allowed",
        {"state_class": "measurement", "device_class": "speed", "unit_of_measurement": "mm/s"},
    ),
}
"""Fields of `metrics` that become sensors: name, and what they are to Home Assistant."""

FLAGS: Mapping[str, tuple[str, str | None]] = {
    "throttled": ("Computer throttled", "problem"),
    "feed_inhibit": ("Upstream asked for less", None),
}


def discovery(profile: Profile, root: str) -> Message:
    """The one retained message. `root` is the machine's own topic."""
    device = f"sorter-{profile.site}-{profile.machine}"
    parts = {**_sensors(profile, root), **_alarms(profile, root), **_buttons(profile, root)}
    payload = {
        "device": {
            "identifiers": [device],
            "name": f"{profile.site} {profile.machine}",
            "manufacturer": "sorter",
            "model": "sorting line",
            "sw_version": version("sorter"),
        },
        "origin": {"name": "sorter", "sw_version": version("sorter")},
        # Anything but online is away: offline by the will, or stopped.
        "availability": [
            {
                "topic": f"{root}/status",
                "value_template": "{{ 'online' if value_json.state == 'online' else 'offline' }}",
            }
        ],
        "components": {key: {"unique_id": f"{device}-{key}", **part} for key, part in parts.items()},
    }
    return Message("info", f"homeassistant/device/{device}/config", json.dumps(payload).encode(), retain=True)


def is_back(topic: str, payload: bytes) -> bool:
    """Whether Home Assistant says that it has started: it has forgotten what it did not keep."""
    return topic == STATUS_TOPIC and payload == b"online"


def _sensors(profile: Profile, root: str) -> Parts:
    fresh = {"state_topic": f"{root}/metrics", "expire_after": max(10, round(5 * profile.telemetry.metrics_s))}
    parts: Parts = {
        "state": {
            **fresh,
            "platform": "sensor",
            "name": "State",
            "device_class": "enum",
            "options": list(get_args(LineState)),
            "value_template": "{{ value_json.state }}",
        },
        "bundle": {
            "platform": "sensor",
            "name": "Bundle",
            "entity_category": "diagnostic",
            "state_topic": f"{root}/info",
            "value_template": "{{ value_json.bundle }}",
        },
    }
    for field, (name, kind) in MEASURED.items():
        read = f"{{{{ value_json.{field} }}}}"
        parts[field] = {**fresh, "platform": "sensor", "name": name, "value_template": read, **kind}
    for field, (name, device_class) in FLAGS.items():
        read = _flag(f"value_json.{field}")
        parts[field] = {**fresh, "platform": "binary_sensor", "name": name, "value_template": read}
        parts[field] |= {"device_class": device_class} if device_class else {}
    return parts


def _alarms(profile: Profile, root: str) -> Parts:
    """From the list in `metrics`: it is right for whoever comes late, too."""
    return {
        f"alarm_{code}": {
            "platform": "binary_sensor",
            "name": code.replace("_", " ").capitalize(),
            "device_class": "problem",
            "state_topic": f"{root}/metrics",
            "expire_after": max(10, round(5 * profile.telemetry.metrics_s)),
            "value_template": _flag(f"value_json.alarms | selectattr('name', 'eq', '{code}') | list"),
            "json_attributes_topic": f"{root}/alarm/{code}",
            "json_attributes_template": "{{ {'text': value_json.text, 'severity': value_json.severity} | tojson }}",
        }
        for code in CATALOGUE
    }


def _flag(so: str) -> str:
    return f"{{{{ 'ON' if {so} else 'OFF' }}}}"


def _buttons(profile: Profile, root: str) -> Parts:
    """Only what the profile lets this user do."""
    return {
        key: {
            "platform": "button",
            "name": name,
            "command_topic": f"{root}/cmd/{USER}/{command}",
            "command_template": _command(words),
            "qos": 1,
            **more,
        }
        for key, name, command, words, more in _offered()
        if command in profile.allowed.get(USER, ())
    }


def _offered() -> Iterator[tuple[str, str, str, str, dict[str, Any]]]:
    yield "feed_stop", "Stop the feed", "feed", '"go": false', {}
    yield "feed_go", "Let it feed", "feed", '"go": true', {}
    yield "check_update", "Check for updates", "check-update", "", {"entity_category": "diagnostic"}
    for code in CATALOGUE:
        name = f"Acknowledge {code.replace('_', ' ')}"
        yield f"acknowledge_{code}", name, "acknowledge", f'"alarm": "{code}"', {"enabled_by_default": False}


def _command(words: str) -> str:
    """A template of Home Assistant that makes an id and an expiry at each press."""
    made = "ha-{{ (utcnow().timestamp() * 1000) | int }}-{{ range(100000) | random }}"
    expires = f"{{{{ (utcnow() + timedelta(seconds={EXPIRY_S})).isoformat() }}}}"
    return f'{{"id": "{made}", "expires_utc": "{expires}"{", " if words else ""}{words}}}'
