"""One table says which commands a role may give; a machine that is told a role heeds just those."""

import json
from typing import get_args

import pytest

from edge.config import profile_of
from edge.errors import ProfileFault
from edge.roles import commands_by_role, heeded
from edge.sections import CommandName, RoleName
from edge.telemetry.commands import Desk
from edge.telemetry.messages import Writer
from tests.edge.profiles import demo
from tests.edge.telemetry.commanded import NOW, ROOT
from tests.edge.telemetry.hostile import GOOD


def with_commands(**commands: list[str]) -> dict:
    return demo().model_dump(mode="json") | {"commands": commands}


def test_every_role_of_people_is_in_the_table_and_every_command_there_is_one() -> None:
    assert set(get_args(RoleName)) <= set(commands_by_role())
    assert {name for names in commands_by_role().values() for name in names} == set(get_args(CommandName))


def test_a_profile_may_name_roles_commands_or_both() -> None:
    assert heeded(["reviewer"]) == ("preview", "review", "pictures", "label")
    profile = profile_of(with_commands(rosa=["reviewer", "acknowledge"], vera=["viewer"]), "x")
    assert profile.allowed == {
        "rosa": ("preview", "review", "pictures", "label", "acknowledge"),
        "vera": ("preview",),
    }


def test_a_role_that_is_none_is_a_fault_of_the_profile() -> None:
    with pytest.raises(ProfileFault) as fault:
        profile_of(with_commands(rosa=["boss"]), "x")
    assert "boss" in str(fault.value)
    assert "reviewer" in str(fault.value)


@pytest.mark.parametrize("role", get_args(RoleName))
@pytest.mark.parametrize("name", get_args(CommandName))
def test_a_machine_refuses_whatever_the_role_may_not(role: str, name: str) -> None:
    acted: list[str] = []
    actions = {each: (lambda _, __, each=each: (True, acted.append(each) or "")) for each in get_args(CommandName)}
    profile = demo().model_copy(update={"commands": {"rosa": [role]}})
    desk = Desk(Writer("packing", "line-1", "run", NOW.isoformat), profile.allowed, actions, NOW.isoformat)
    payload = GOOD[name] | {"id": "c1", "expires_utc": NOW.replace(second=30).isoformat()}
    answer = desk.hear(f"{ROOT}/cmd/rosa/{name}", json.dumps(payload).encode(), False, 1)
    assert answer is not None
    may = name in commands_by_role()[role]
    assert (json.loads(answer.payload)["outcome"], acted) == (("done", [name]) if may else ("refused", []))
