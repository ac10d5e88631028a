"""The wire contract as JSON Schemas: `python -m edge.telemetry.schemas docs/schemas` writes one for each message."""

import argparse
import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from edge.telemetry.command_messages import COMMANDS, Command
from edge.telemetry.header import Header
from edge.telemetry.messages import ADAPTERS, SCHEMAS


def schema_text(name: str) -> str:
    """The JSON Schema (draft 2020-12) of one message, as `docs/schemas/<name>.json` holds it."""
    shape = SCHEMAS[name]
    schema = ADAPTERS[shape].json_schema(mode="serialization")
    return _schema_text(schema["properties"]["schema"]["const"], schema, f"{shape.__doc__} {Header.__doc__}")


def command_schema_text(name: str) -> str:
    """The JSON Schema of one command, as `docs/schemas/command-<name>.json` holds it."""
    shape = COMMANDS[name]
    return _schema_text(
        f"sorter.command.{name}/1", TypeAdapter(shape).json_schema(), f"{shape.__doc__} {Command.__doc__}"
    )


def _schema_text(title: str, schema: dict[str, Any], described: str) -> str:
    schema["description"] = " ".join(described.split())
    for field in schema["properties"].values():
        field.pop("title", None)
        field.pop("default", None)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return json.dumps(head | {key: value for key, value in schema.items() if key != "title"}, indent=2) + "\n"


def main() -> None:
    """Write every schema into a folder."""
    parser = argparse.ArgumentParser(prog="python -m edge.telemetry.schemas", description=main.__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="where to; docs/schemas")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCHEMAS:
        (folder / f"{name}.json").write_text(schema_text(name), encoding="utf-8")
    for name in COMMANDS:
        (folder / f"command-{name}.json").write_text(command_schema_text(name), encoding="utf-8")


if __name__ == "__main__":
    main()
