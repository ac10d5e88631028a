"""Run by a Python that has Home Assistant: holds a discovery payload (standard input) to its own schemas.

Prints one JSON object: `faults`, and `rendered`, what its template engine makes of each template with the messages.
As Home Assistant does it (components/mqtt/discovery.py): the device's payload first, then each component with the
device's shared options, by its platform's schema, which takes no unknown key.
"""

import asyncio
import importlib.abc
import importlib.machinery
import json
import sys
import tempfile
import types
from typing import Any

CLOUD = "hass_nabucasa"
"""Home Assistant's paid cloud: imported along the way, of no concern here, and large."""


class NoCloud(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for every module of the cloud with one whose names are empty classes."""

    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        known = name.partition(".")[0] == CLOUD
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if known else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        made = types.ModuleType(spec.name)

        def answer(name: str) -> type:
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (Exception,), {})

        made.__getattr__ = answer
        return made

    def exec_module(self, module: types.ModuleType) -> None:
        pass


sys.meta_path.insert(0, NoCloud())

# Below what keeps the cloud out, which must stand before they are imported.
import jinja2  # noqa: E402
import voluptuous as vol  # noqa: E402
from homeassistant.components.mqtt import binary_sensor, button, sensor  # noqa: E402
from homeassistant.components.mqtt.schemas import DEVICE_DISCOVERY_SCHEMA, SHARED_OPTIONS  # noqa: E402
from homeassistant.core import HomeAssistant  # noqa: E402
from homeassistant.helpers import frame  # noqa: E402
from homeassistant.helpers.template import TemplateEnvironment  # noqa: E402

PLATFORMS = {"sensor": sensor, "binary_sensor": binary_sensor, "button": button}


async def main() -> None:
    hass = HomeAssistant(tempfile.gettempdir())  # never started: templates ask for one
    frame.async_setup(hass)
    given = json.loads(sys.stdin.read())
    payload, messages = given["payload"], given["messages"]
    faults: list[str] = []
    try:
        DEVICE_DISCOVERY_SCHEMA(json.loads(json.dumps(payload)))
    except vol.Invalid as fault:
        faults.append(f"device: {fault}")
    shared = {key: payload[key] for key in ("device", "origin", *SHARED_OPTIONS) if key in payload}
    for name, component in payload["components"].items():
        held = {key: value for key, value in component.items() if key != "platform"}
        try:
            PLATFORMS[component["platform"]].PLATFORM_SCHEMA_MODERN(json.loads(json.dumps(shared | held)))
        except (vol.Invalid, KeyError) as fault:
            faults.append(f"{name}: {fault}")
    print(json.dumps({"faults": faults, "rendered": rendered(hass, payload, messages)}))  # noqa: T201 - its answer, which a test reads


def rendered(hass: HomeAssistant, payload: dict[str, Any], messages: dict[str, Any]) -> dict[str, str]:
    """What each template makes of the message on its topic, by `component` and `component.attributes`."""
    engine = TemplateEnvironment(hass, limited=False, strict=True, log_fn=None)

    def render(template: str, **values: object) -> str:
        try:
            return engine.from_string(template).render(values)
        except jinja2.TemplateError as error:
            return f"fault: {error}"

    found = {}
    for name, part in payload["components"].items():
        for suffix, topic, template in (
            ("", "state_topic", "value_template"),
            (".attributes", "json_attributes_topic", "json_attributes_template"),
        ):
            if part.get(topic) in messages and template in part:
                found[name + suffix] = render(part[template], value_json=messages[part[topic]], value="")
        if "command_template" in part:
            found[name] = render(part["command_template"], value="PRESS")
    first = payload["availability"][0]
    for state in ("online", "stopped", "offline"):
        found[f"availability.{state}"] = render(first["value_template"], value_json={"state": state})
    return found


if __name__ == "__main__":
    asyncio.run(main())
