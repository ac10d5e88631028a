"""One machine for all of the tier's tests: booted once, fitted with the film and the pins, the release installed."""

from collections.abc import Iterator

import pytest

from tests.nspawn.line import Line
from tests.nspawn.machine import Machine


@pytest.fixture(scope="session")
def line() -> Iterator[Line]:
    with Machine() as machine, Line(machine) as line:
        yield line


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/nspawn" in item.path.as_posix():
            item.add_marker(pytest.mark.nspawn)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(400))
