"""Messages as Parquet: a table for each kind, its columns those of the wire contract."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from edge.telemetry.messages import SCHEMAS

KINDS = ("track", "metrics", "alarm", "label", "gap", "status", "info")
"""What is kept: all but pictures and answers."""

Cell = str | int | float | bool | datetime | None
_PLAIN = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def columns(kind: str) -> Mapping[str, pa.DataType]:
    """Name to type; instants are UTC. What is neither a text, a number nor a flag is kept as JSON text."""
    hints = get_type_hints(SCHEMAS[kind], include_extras=False)
    found = {field.name: _type(hints[field.name]) for field in fields(SCHEMAS[kind])}
    return found | {"ts_utc": pa.timestamp("ms")}


def table(kind: str, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A Parquet file. A field that a row lacks is null; one that the contract does not know is left out."""
    made = {
        name: pa.array([_value(row.get(name), type_) for row in rows], type_) for name, type_ in columns(kind).items()
    }
    held = io.BytesIO()
    pq.write_table(pa.table(made), held, compression="zstd")
    return held.getvalue()


def _type(hint: object) -> pa.DataType:
    if get_origin(hint) is Annotated:
        return _type(get_args(hint)[0])
    if get_origin(hint) is Literal:
        return pa.string()
    if get_origin(hint) in (Union, UnionType):
        return _type(next(one for one in get_args(hint) if one is not type(None)))
    return _PLAIN.get(hint, pa.string()) if isinstance(hint, type) else pa.string()


def _value(held: object, type_: pa.DataType) -> Cell:
    """Null for what is not of the column's type: one strange message must not keep a day from being written."""
    try:
        return _cast(held, type_)
    except (ValueError, TypeError, OverflowError, pa.ArrowException):
        return None


def _cast(held: object, type_: pa.DataType) -> Cell:
    if held is None:
        return None
    if pa.types.is_string(type_):
        return held if isinstance(held, str) else json.dumps(held)
    if pa.types.is_timestamp(type_):
        return datetime.fromisoformat(str(held)).astimezone(UTC).replace(tzinfo=None)
    if pa.types.is_boolean(type_):
        return held if isinstance(held, bool) else None
    if isinstance(held, bool) or not isinstance(held, int | float):
        return None
    if pa.types.is_integer(type_):
        return int(held) if abs(held) < 1 << 63 else None
    return float(held)
