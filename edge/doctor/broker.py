"""The broker: whether it takes this machine, and how long the certificates are good. Pure: each check judges a
reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from edge.doctor.finding import Check, Finding

BROKER = Check("broker", "without its broker the line sorts on, but nobody hears of it, and messages wait here")
CERTIFICATE = Check(
    "certificate", "a certificate that has expired is refused, and nobody hears of the machine any more"
)

_SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class Certificate:
    """One that the connection stands on: whose, and to when it is good; None where it cannot be read, and `why`."""

    whose: str
    good_until: datetime | None
    why: str = ""


def broker(url: str | None, refusal: str, took_s: float) -> Iterator[Finding]:
    """`refusal`: why it does not take this machine, empty where it does."""
    if url is None:
        yield BROKER.unchecked("the profile has no [telemetry] broker: nobody is told")
    elif refusal:
        yield BROKER.attention(f"{url}: {refusal}", "do what it says; the line sorts on meanwhile")
    else:
        yield BROKER.good(f"{url} takes this machine, within {took_s * 1e3:.0f} ms")


def certificates(found: Iterable[Certificate], now: datetime) -> Iterator[Finding]:
    for one in found:
        yield _certificate(one, now)


def _certificate(one: Certificate, now: datetime) -> Finding:
    check = CERTIFICATE.of(one.whose)
    remedy = "renew it (sorter plant renew, at the plant's office) and copy it here"
    if one.good_until is None:
        return check.fault(one.why, "copy the file that sorter plant made again, readable for the service")
    days = (one.good_until - now).days
    if days < 0:
        return check.fault(f"expired on {one.good_until:%Y-%m-%d}", f"{remedy}, or set this computer's clock")
    if days < _SOON_DAYS:
        return check.attention(f"expires on {one.good_until:%Y-%m-%d}, in {days} days", remedy)
    return check.good(f"good until {one.good_until:%Y-%m-%d}")
