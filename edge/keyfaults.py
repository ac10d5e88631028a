"""A profile's faulty keys in the project's words, and what is left of a profile without them.

What a key may hold is read from the profile's JSON Schema, so that each limit is said once, in `edge.sections`.
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from edge.auditsection import Audit
from edge.keeping import History, Recorder
from edge.section import Section
from edge.sections import (
    Belt,
    Camera,
    Encoder,
    Feed,
    Gate,
    Grade,
    Lane,
    Money,
    Safety,
    Settings,
    Sort,
    Telemetry,
)

Node = Mapping[str, Any]
Loc = tuple[int | str, ...]
Part = TypeVar("Part", bound=Section)

KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text in quotes",
    "boolean": "true or false",
    "array": "a list",
    "object": "a section",
}


def key_faults(error: ValidationError, schema: Node) -> Iterator[str]:
    """Each line reads `[section] key = found: what is allowed`."""
    faults = [fault for fault in error.errors(include_url=False) if fault["loc"]]
    meant = {
        (*fault["loc"][:-1], near)
        for fault in faults
        if fault["type"] == "extra_forbidden" and (near := _near(fault, schema))
    }
    for fault in faults:
        if fault["type"] != "missing" or fault["loc"] not in meant:
            yield f"{_where(fault, schema)}: {_allowed(fault, schema)}"


def good_part(data: Node, error: ValidationError) -> Settings:
    """The settings without the keys that are at fault: to read one of those is an AttributeError."""
    spoiled = {fault["loc"] for fault in error.errors(include_url=False)}

    def part(kind: type[Part], held: object, at: Loc) -> Part:
        given: dict[str, Any] = held if isinstance(held, dict) else {}
        made = kind.model_construct(**{key: given[key] for key in kind.model_fields if key in given})
        for loc in spoiled:
            if loc[: len(at)] == at and len(loc) > len(at):
                made.__dict__.pop(str(loc[len(at)]), None)
        return made

    sections: dict[str, type[Section]] = {
        "belt": Belt,
        "camera": Camera,
        "sort": Sort,
        "grade": Grade,
        "safety": Safety,
        "feed": Feed,
        "telemetry": Telemetry,
        "recorder": Recorder,
        "history": History,
        "money": Money,
        "audit": Audit,
    }
    parts: dict[str, Any] = {key: part(kind, data.get(key), (key,)) for key, kind in sections.items()}
    parts["encoder"] = part(Encoder, data["encoder"], ("encoder",)) if "encoder" in data else None
    if isinstance(lanes := data.get("lanes"), list):
        parts["lanes"] = [part(Lane, lane, ("lanes", n)) for n, lane in enumerate(lanes)]
    if isinstance(gates := data.get("gates"), dict):
        parts["gates"] = {name: part(Gate, gate, ("gates", name)) for name, gate in gates.items()}
    if isinstance(route := data.get("route"), dict):
        parts["route"] = {label: outlet for label, outlet in route.items() if ("route", label) not in spoiled}
    return Settings.model_construct(**parts)


def _where(fault: ErrorDetails, schema: Node) -> str:
    *section, key = (str(part) for part in fault["loc"])
    if key == "[key]":
        return f"[{'.'.join(section[:-1])}] {section[-1]}"
    if "properties" in _node(fault["loc"], schema):
        return f"[{'.'.join([*section, key])}]"
    where = f"[{'.'.join(section)}] {key}" if section else key
    return where if fault["type"] == "missing" else f"{where} = {_shown(fault['input'])}"


def _shown(found: object) -> str:
    """A value as TOML writes it, near enough."""
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, dict | list):
        return "{...}" if isinstance(found, dict) else "[...]"
    return f'"{found}"' if isinstance(found, str) else str(found)


def _allowed(fault: ErrorDetails, schema: Node) -> str:
    if fault["type"] == "missing":
        return "missing; it must be given"
    if fault["type"] == "extra_forbidden":
        near = _near(fault, schema)
        return f"unknown key; did you mean {near}?" if near else f"unknown key; have {', '.join(_keys(fault, schema))}"
    if fault["loc"][-1] == "[key]":
        return f"must be {_node((*fault['loc'][:-2],), schema)['propertyNames']['description']}"
    return f"must be {_limits(_node(fault['loc'], schema), fault['type'].endswith('_type'))}"


def _limits(node: Node, is_kind_wrong: bool) -> str:
    if "description" in node and "pattern" in node:
        return str(node["description"])
    if "enum" in node:
        return " or ".join(f'"{choice}"' for choice in node["enum"])
    kind = KINDS.get(str(node.get("type")), "something else")
    if "minItems" in node or "minProperties" in node:
        least, most = node.get("minItems", node.get("minProperties")), node.get("maxItems")
        return f"{kind} of {least}" + ("" if most == least else f" to {most}" if most else " or more")
    low, above, high = node.get("minimum"), node.get("exclusiveMinimum"), node.get("maximum")
    if high is None:
        return "text that is not empty" if "minLength" in node else kind
    span = f"above {above:.12g} and at most {high:.12g}" if low is None else f"{low:.12g} to {high:.12g}"
    return f"{kind}, {span}" if is_kind_wrong else span


def _near(fault: ErrorDetails, schema: Node) -> str | None:
    return next(iter(difflib.get_close_matches(str(fault["loc"][-1]), _keys(fault, schema), n=1)), None)


def _keys(fault: ErrorDetails, schema: Node) -> list[str]:
    return list(_node(fault["loc"][:-1], schema).get("properties", {}))


def _node(loc: Loc, schema: Node) -> Node:
    """What the schema says of one place; empty for a key that it does not know."""
    node = schema
    for part in loc:
        named = node.get("properties", {}).get(part)
        by_pattern = next(iter(node.get("patternProperties", {}).values()), None)
        listed = node["prefixItems"][part] if "prefixItems" in node else node.get("items")
        inner = named or by_pattern or listed or node.get("additionalProperties")
        node = inner if isinstance(inner, Mapping) else {}
        node = next((kind for kind in node.get("anyOf", ()) if kind.get("type") != "null"), node)
        if reference := node.get("$ref"):
            node = schema["$defs"][str(reference).rpartition("/")[2]]
    return node
