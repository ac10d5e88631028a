"""What no single key of a profile shows of the ways out of the machine: broker, secrets, what lies on disk."""

from collections.abc import Iterator
from pathlib import PurePath
from urllib.parse import urlsplit

from edge.sections import Settings

WHOLE_PATHS = (
    *(("telemetry", "outbox"), ("recorder", "folder"), ("history", "folder")),
    *(("update", "folder"), ("update", "root")),
)


def _broker(s: Settings) -> Iterator[str]:
    port = urlsplit(s.telemetry.broker or "").netloc.partition(":")[2]
    if port and not 1 <= int(port) <= 65_535:
        yield f'[telemetry] broker = "{s.telemetry.broker}": the port must be 1 to 65535'


def _password(s: Settings) -> Iterator[str]:
    file = s.telemetry.password_file
    if file is not None and s.telemetry.username is None:
        yield f'[telemetry] password_file = "{file}": belongs to a username; give that too'


def _broker_files(s: Settings) -> Iterator[str]:
    for key in ("password_file", "ca_file", "cert_file", "key_file"):
        file = getattr(s.telemetry, key)
        if file is not None and not PurePath(file).is_absolute():
            yield f'[telemetry] {key} = "{file}": must be a whole path, from / on'
        if file is not None and key != "password_file" and not (s.telemetry.broker or "").startswith("mqtts:"):
            yield f'[telemetry] {key} = "{file}": belongs to a broker that begins with mqtts://'
    if (s.telemetry.cert_file is None) != (s.telemetry.key_file is None):
        yield "[telemetry] cert_file: a certificate and key_file, its key, go together; give both or neither"


def _whole_paths(s: Settings) -> Iterator[str]:
    for section, key in WHOLE_PATHS:
        path = getattr(getattr(s, section, None), key, None)
        if path is not None and not PurePath(path).is_absolute():
            yield f'[{section}] {key} = "{path}": must be a whole path, from / on'


OUTWARD_RULES = (_broker, _password, _broker_files, _whole_paths)
