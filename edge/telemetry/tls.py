"""TLS towards a broker: whom the machine trusts, how it proves who it is, and what each refusal means for a person."""

import contextlib
import select
import ssl
from collections.abc import Iterator
from pathlib import Path

from edge.config import Telemetry
from edge.errors import BrokerFault

VERDICT_S = 0.25
"""So long a broker that gives no session tickets is waited for, once a connection."""

_EXPIRED, _NOT_YET = 10, 9
_OTHER_NAMES = (62, 64)
"""Verify results of OpenSSL: a hostname, an address that is not the certificate's."""

ALERTS = {
    "CERTIFICATE_EXPIRED": "it refuses this machine's certificate, which has expired: renew it (sorter plant renew)",
    "UNKNOWN_CA": "it does not know who signed this machine's certificate: [telemetry] cert_file must be of its plant",
    "CERTIFICATE_REQUIRED": "it wants a certificate: give [telemetry] cert_file and key_file, or take its other port",
    "BAD_CERTIFICATE": "it refuses this machine's certificate: correct [telemetry] cert_file",
}
"""A broker's TLS alert, by the part of its name that OpenSSL's message holds, and what to do."""


def context(settings: Telemetry) -> ssl.SSLContext:
    """Trusts `ca_file`, or without it whom the system trusts. Raises BrokerFault for a file that is not good."""
    made = ssl.create_default_context()
    if settings.ca_file is not None:
        made = ssl.create_default_context(cadata=read_text(settings.ca_file, "ca_file"))
    if settings.cert_file is not None and settings.key_file is not None:
        read_text(settings.cert_file, "cert_file")
        read_text(settings.key_file, "key_file")
        try:
            made.load_cert_chain(settings.cert_file, settings.key_file, lambda: "")
        except (ssl.SSLError, ValueError):
            raise BrokerFault(
                f"[telemetry] cert_file {settings.cert_file} and key_file {settings.key_file}: not a certificate and "
                "its own key in PEM; copy both again"
            ) from None
    made.sslsocket_class = _Socket
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


class _Socket(ssl.SSLSocket):
    """A handshake that ends with the broker's own word: by TLS 1.3 it refuses a certificate only after the client has
    finished, and paho, which writes at once, would meet a closed connection and no reason. A socket that is refused
    closes itself: paho leaves it open."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
            self._hear_verdict()
        except OSError:
            self.close()
            raise

    def _hear_verdict(self) -> None:
        """Wait for the session tickets of a broker that is content, or for the alert of one that is not."""
        if self.version() != "TLSv1.3" or not select.select([self], [], [], VERDICT_S)[0]:
            return
        patience_s = self.gettimeout()
        self.settimeout(0)
        with contextlib.suppress(ssl.SSLWantReadError):
            self.recv(1)  # an MQTT broker says nothing before it is spoken to: this is an alert or no data
        self.settimeout(patience_s)


def explained(error: OSError) -> str:
    """Why a connect failed, and what to do about it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _unproven(error)
    if isinstance(error, ssl.SSLError):
        return next(_alerts(str(error)), f"TLS fails there ({error.reason}): take its TLS port, or correct [telemetry]")
    return f"{error}; start one there or correct [telemetry] in the profile"


def alert(text: str) -> str:
    """What the TLS alert in a line of log means; "" where there is none."""
    return next(_alerts(text), "")


def _alerts(text: str) -> Iterator[str]:
    shown = text.upper().replace(" ", "_")
    return (meaning for name, meaning in ALERTS.items() if f"ALERT_{name}" in shown)


def _unproven(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _EXPIRED:
        return "its certificate has expired: renew it (sorter plant renew), or set this machine's clock"
    if error.verify_code == _NOT_YET:
        return "its certificate is not valid yet: set this machine's clock"
    if error.verify_code in _OTHER_NAMES:
        return "its certificate is for other names: take one of those in [telemetry] broker, or make one for this name"
    return f"it cannot prove who it is ({error.verify_message}): [telemetry] ca_file must be the CA of its plant"


def password(settings: Telemetry) -> str | None:
    """Raises BrokerFault for a file that is not good."""
    return read_text(settings.password_file, "password_file").strip() if settings.password_file else None


def read_text(path: Path, key: str) -> str:
    """A file that `[telemetry]` names. Raises BrokerFault where it is not there, or no text."""
    try:
        return path.read_text(encoding="utf-8" if key == "password_file" else "ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8" if key == "password_file" else "not PEM"
        raise BrokerFault(f"[telemetry] {key} {path}: {why}; put it there, readable for this service") from None
