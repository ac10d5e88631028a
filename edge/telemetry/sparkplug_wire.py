"""Sparkplug B payloads as bytes: what a node needs of Eclipse Tahu's sparkplug_b.proto, in protobuf's wire format.

Field numbers and datatypes are those of the Sparkplug 3.0 specification (its sparkplug_b.proto and table of datatypes).
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Value = int | float | bool | str | None
Datatype = Literal["UInt64", "Double", "Boolean", "String"]

DATATYPES: dict[Datatype, int] = {"UInt64": 8, "Double": 10, "Boolean": 11, "String": 12}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_TIMESTAMP, _METRICS, _SEQ = 1, 2, 3
_NAME, _METRIC_TIMESTAMP, _DATATYPE, _HISTORICAL, _NULL = 1, 3, 4, 5, 7
_LONG, _DOUBLE, _BOOLEAN, _STRING = 11, 13, 14, 15
_VALUE = {"UInt64": _LONG, "Double": _DOUBLE, "Boolean": _BOOLEAN, "String": _STRING}


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a payload. `at_ms` counts from 1970 in UTC."""

    name: str
    datatype: Datatype
    value: Value
    at_ms: int
    is_historical: bool = False


class Malformed(ValueError):
    """Bytes that are no payload."""


def encode(metrics: Iterable[Metric], at_ms: int, seq: int | None) -> bytes:
    """`seq` None for a death, which has none."""
    made = _integer(_TIMESTAMP, at_ms)
    for metric in metrics:
        made += _block(_METRICS, _metric(metric))
    return made if seq is None else made + _integer(_SEQ, seq)


def booleans(payload: bytes) -> dict[str, bool]:
    """The boolean metrics of a command, by name. Raises Malformed for what is no payload. Reads each byte once."""
    found: dict[str, bool] = {}
    for number, kind, held in _fields(payload):
        if (number, kind) != (_METRICS, _BYTES) or not isinstance(held, bytes):
            continue
        name, value = "", None
        for inner, inner_kind, what in _fields(held):
            if (inner, inner_kind) == (_NAME, _BYTES) and isinstance(what, bytes):
                name = _text(what)
            elif (inner, inner_kind) == (_BOOLEAN, _VARINT):
                value = bool(what)
        if value is not None:
            found[name] = value
    return found


def _metric(metric: Metric) -> bytes:
    made = _block(_NAME, metric.name.encode())
    made += _integer(_METRIC_TIMESTAMP, metric.at_ms) + _integer(_DATATYPE, DATATYPES[metric.datatype])
    if metric.is_historical:
        made += _integer(_HISTORICAL, 1)
    if metric.value is None:
        return made + _integer(_NULL, 1)
    number = _VALUE[metric.datatype]
    if isinstance(metric.value, str):
        return made + _block(number, metric.value.encode())
    if metric.datatype == "Double":
        return made + _tag(number, _FIXED64) + struct.pack("<d", metric.value)
    return made + _integer(number, int(metric.value))


def _tag(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _integer(number: int, value: int) -> bytes:
    return _tag(number, _VARINT) + _varint(value)


def _block(number: int, held: bytes) -> bytes:
    return _tag(number, _BYTES) + _varint(len(held)) + held


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def _fields(held: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """(field number, wire type, value) of one message."""
    at = 0
    while at < len(held):
        tag, at = _read(held, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _read(held, at)
            yield tag >> 3, kind, value
            continue
        if kind == _BYTES:
            size, at = _read(held, at)
        elif kind in (_FIXED32, _FIXED64):
            size = 4 if kind == _FIXED32 else 8
        else:
            raise Malformed(f"wire type {kind}")
        if at + size > len(held):
            raise Malformed("cut off")
        yield tag >> 3, kind, held[at : at + size]
        at += size


def _read(held: bytes, at: int) -> tuple[int, int]:
    """A varint, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(held):
            raise Malformed("cut off")
        byte = held[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise Malformed("a number of more than ten bytes")


def _text(held: bytes) -> str:
    try:
        return held.decode()
    except UnicodeDecodeError:
        raise Malformed("a name that is not UTF-8") from None
