"""`sorter plant`: arguments in, lines out."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Action(StrEnum):
    """What can be done to a plant's folder."""

    INIT = "init"
    DEVICE = "device"
    USER = "user"
    REMOVE = "remove"
    RENEW = "renew"
    LIST = "list"


class UserRole(StrEnum):
    """Who a user can be; firmware_config/mosquitto/roles.toml says what each may."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    OPERATOR = "operator"
    RELEASER = "releaser"
    DASHBOARD = "dashboard"
    COLLECTOR = "collector"
    HOMEASSISTANT = "homeassistant"
    SCADA = "scada"
    BRIDGE = "bridge"


def plant(
    action: Annotated[Action, typer.Argument(help="What to do.", show_default=False)],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The plant's folder: it holds every key.", show_default=False)
    ],
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The machine or user.", show_default=False)
    ] = None,
    site: Annotated[str | None, typer.Option(metavar="NAME", help="init: the site of the machines' profiles.")] = None,
    host: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="init: by which machines reach the broker; repeatable.")
    ] = None,
    role: Annotated[UserRole | None, typer.Option(help="user: what he or it may.", show_default=False)] = None,
) -> None:
    """A plant's own CA, its broker's certificate, passwords and rules, and a folder for each machine and user."""
    from edge.errors import UsageFault
    from plant.office import Office

    def needed(given: str | None, what: str) -> str:
        if given is None:
            raise UsageFault(f"{action} needs {what}; sorter plant --help tells more")
        return given

    def as_user() -> Iterable[str]:
        needed(role, "a role: --role " + ", ".join(UserRole))
        return office.user(needed(name, "the user's name"), (role or UserRole.DASHBOARD).value)

    office = Office(folder)
    doing: dict[Action, Callable[[], Iterable[str]]] = {
        Action.INIT: lambda: office.init(needed(site or name, "the site's name: --site NAME"), host or []),
        Action.DEVICE: lambda: office.device(needed(name, "the machine's name")),
        Action.USER: as_user,
        Action.REMOVE: lambda: office.remove(needed(name, "the name of a machine or user")),
        Action.RENEW: lambda: office.renew(name),
        Action.LIST: office.list,
    }
    try:
        said = doing[action]()
    except OSError as error:
        raise UsageFault(f"{error.filename or folder}: {error.strerror}; give a folder that can be written") from None
    for line in said:
        print(line)
