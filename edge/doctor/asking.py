"""Asks the broker that a profile names whether it takes this machine, and reads the certificates for it. Never raises.

Under a name of its own and without a last will, so that a line which runs is not thrown out.
"""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from edge import clock
from edge.config import Telemetry
from edge.doctor.broker import Certificate
from edge.errors import BrokerFault
from edge.telemetry.connection import Connection
from edge.telemetry.tls import read_text

_WITHIN_NS = 6_000_000_000
_TIMES = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}
"""UTCTime and GeneralizedTime, as a certificate must have them (RFC 5280, 4.1.2.5)."""

_VERSION = 0xA0


def ask(settings: Telemetry) -> tuple[str, float, list[Certificate]]:
    """Why it does not take this machine (empty where it does), after how many seconds, and the certificates."""
    own = list(_own(settings))
    began_ns = clock.now_ns()
    try:
        connection = Connection(settings, f"sorter-doctor-{uuid.uuid4().hex[:8]}", None, lambda: ())
    except BrokerFault as fault:
        return str(fault), 0.0, own
    refusal = _refusal(connection, began_ns + _WITHIN_NS)
    took_s = (clock.now_ns() - began_ns) / 1e9
    until = connection.good_until()
    connection.close(goodbye=True)
    if until is not None:
        own.append(Certificate("the broker's", datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)))
    return refusal, took_s, own


def _refusal(connection: Connection, deadline_ns: int) -> str:
    while clock.now_ns() < deadline_ns:
        ended = connection.serve(0.1)
        if connection.accepted:
            return ""
        if ended or connection.refusal:
            return connection.refusal or ended
    return "it does not answer; see that a broker listens there"


def _own(settings: Telemetry) -> Iterator[Certificate]:
    for key, path in (("ca_file", settings.ca_file), ("cert_file", settings.cert_file)):
        if path is not None:
            yield read_certificate(key, path)


def read_certificate(key: str, path: Path) -> Certificate:
    """The first certificate of a PEM file that `[telemetry]` names."""
    whose = f"{key} {path}"
    try:
        return Certificate(whose, good_until(read_text(path, key)))
    except BrokerFault as fault:
        return Certificate(whose, None, str(fault))
    except (ValueError, IndexError, KeyError):
        return Certificate(whose, None, f"{path}: holds no certificate in PEM")


def good_until(pem: str) -> datetime:
    """When a certificate expires. Raises ValueError, IndexError or KeyError where there is none."""
    end = "-----END CERTIFICATE-----"
    first = pem[pem.index("-----BEGIN CERTIFICATE-----") : pem.index(end) + len(end)]
    ((_, whole),) = _parts(ssl.PEM_cert_to_DER_cert(first))
    (_, tbs), *_ = _parts(whole)
    signed = [part for part in _parts(tbs) if part[0] != _VERSION]
    # Number, algorithm and issuer come before the validity: notBefore, notAfter (RFC 5280, 4.1).
    (_, _), (kind, text) = _parts(signed[3][1])
    return datetime.strptime(text.decode("ascii"), _TIMES[kind]).replace(tzinfo=UTC)


def _parts(der: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements in a piece of DER, each as its tag and what it holds. Raises IndexError where it ends too soon."""
    while der:
        tag, length, head = der[0], der[1], 2
        if length & 0x80:
            head += length & 0x7F
            length = int.from_bytes(der[2:head], "big")
        if head + length > len(der):
            raise IndexError("an element is longer than what holds it")
        yield tag, der[head : head + length]
        der = der[head + length :]
