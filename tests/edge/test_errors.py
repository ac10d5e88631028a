"""The tree of errors: what each ends the machine with."""

import pytest

from edge import errors
from edge.errors import ProfileFault, SorterError

STATUS = {
    "UsageFault": 2,
    "ProfileFault": 1,
    "BundleFault": 1,
    "ReleaseFault": 1,
    "RunFault": 1,
    "LedgerFault": 1,
    "ImageFault": 1,
    "CameraFault": 3,
    "GateFault": 3,
    "MachineFault": 3,
    "Superseded": 3,
    "BrokerFault": 1,
}


def test_every_fault_is_in_the_table_and_a_person_is_told_of_each() -> None:
    tree = {name for name, held in vars(errors).items() if isinstance(held, type) and issubclass(held, SorterError)}
    assert tree - {"SorterError"} == set(STATUS)


@pytest.mark.parametrize(("name", "status"), STATUS.items())
def test_a_fault_ends_a_command_with_its_status(name: str, status: int) -> None:
    assert getattr(errors, name).exit_status == status


def test_a_profiles_faults_are_a_line_each() -> None:
    fault = ProfileFault(["a: b", "c: d"])
    assert str(fault).splitlines() == fault.faults == ["a: b", "c: d"]
