"""What the line remembers from one step to the next, as plain data and back: a recording can begin in mid-run.

It walks whatever the line offers (`Line.memory`), so state that is added there is recorded without a word here. Lists,
tuples, deques, sets and dicts are followed; an object's attributes too, if its class is one of `kinds`; any other
attribute (the profile, a function) is left out, and stays as the line was built with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from edge.trace.packing import pack_features, unpack_features

_PLAIN = (bool, int, float, str, type(None))
_CONTAINERS: dict[str, Callable[[list[Any]], Any]] = {"list": list, "tuple": tuple, "set": set}
_HELD = (*_PLAIN, list, tuple, set, dict, deque, np.ndarray)


Held = Any
"""Plain values as they are, frozen records too; all else as a list of a tag and its content."""


class ForeignMemory(ValueError):
    """Memory that this version of the line has no place for."""


def freeze(value: object, kinds: Iterable[type]) -> Held:
    """What no later step changes: plain data, with frozen records as they are, so that it costs the line little.

    Raises TypeError for what cannot be held.
    """
    return _Freezing(kinds).freeze(value)


def plain(record: object) -> list[Any]:
    """A frozen record in what `freeze` gave, as plain data that JSON holds to the bit: a `default` of `json.dumps`."""
    if not _is_frozen(type(record)):
        raise TypeError(f"a {type(record).__name__} is no record")
    freezing = _Freezing(())
    held = {name: getattr(record, name) for name in _names(record)}
    inner = {name: plain(it) if _is_frozen(type(it)) else freezing.freeze(it) for name, it in held.items()}
    return [type(record).__name__, inner]


def thaw(parts: dict[str, object], held: Held, kinds: Iterable[type]) -> None:
    """Give the parts of a line that was just built the memory that `freeze` took of another's, by their names.

    Raises ForeignMemory where they have no place for it.
    """
    thawing = _Thawing(kinds)
    try:
        for name, (kind, attributes) in held[1]:
            thawing.fill(parts[name], kind, attributes)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ForeignMemory(f"{type(error).__name__}: {error}") from None


class _Freezing:
    """An object that is met again is named by its number, so that what was shared stays shared."""

    def __init__(self, kinds: Iterable[type]) -> None:
        self._frozen = frozenset(kind for kind in kinds if _is_frozen(kind))
        self._kinds = frozenset(kinds) - self._frozen
        self._met: dict[int, int] = {}

    def freeze(self, value: Any) -> Held:  # noqa: ANN401 - it asks what it is
        kind = type(value)
        if kind in _PLAIN or kind in self._frozen:
            return value
        if kind in self._kinds:
            return self._object(value)
        if kind is dict:
            return ["dict", [[self.freeze(key), self.freeze(inner)] for key, inner in value.items()]]
        if kind is deque:
            return ["deque", [value.maxlen, *map(self.freeze, value)]]
        if kind is np.ndarray and value.dtype == np.int8:
            return ["int8", pack_features(value)]
        if kind.__name__ in _CONTAINERS:
            return [kind.__name__, [self.freeze(inner) for inner in value]]
        raise TypeError(f"the line remembers a {kind.__name__}: name it in Line.REMEMBERED, so that it can be recorded")

    def _object(self, value: object) -> list[Any]:
        if (number := self._met.get(id(value))) is not None:
            return ["met", number]
        self._met[id(value)] = len(self._met)
        held = {name: getattr(value, name) for name in _names(value)}
        return [type(value).__name__, {name: self.freeze(it) for name, it in held.items() if self._is_kept(it)}]

    def _is_kept(self, value: object) -> bool:
        return isinstance(value, _HELD) or type(value) in self._kinds or type(value) in self._frozen


class _Thawing:
    """Meets the objects in the same order."""

    def __init__(self, kinds: Iterable[type]) -> None:
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._met: list[Any] = []

    def fill(self, into: object, kind: str, held: dict[str, Held]) -> None:
        """Set an object's attributes."""
        if type(into).__name__ != kind:
            raise TypeError(f"{kind} where a {type(into).__name__} is")
        if not _is_frozen(type(into)):
            self._met.append(into)
        for name, inner in held.items():
            own = getattr(into, name, None)
            if type(own) in self._kinds.values() and isinstance(inner, list) and not _is_frozen(type(own)):
                self.fill(own, *inner)  # it was built with what is left out of a recording
            else:
                object.__setattr__(into, name, self.thaw(inner))

    def thaw(self, held: Held) -> Held:
        if not isinstance(held, list):
            return held
        kind, content = held
        if kind in self._kinds:
            made: object = object.__new__(self._kinds[kind])
            self.fill(made, kind, content)
            return made
        if kind == "met":
            return self._met[content]
        if kind == "int8":
            return unpack_features(content)
        if kind == "dict":
            return {self.thaw(key): self.thaw(inner) for key, inner in content}
        inner = [self.thaw(item) for item in content]
        return deque(inner[1:], inner[0]) if kind == "deque" else _CONTAINERS[kind](inner)


def _names(value: object) -> list[str]:
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ()) if hasattr(value, name)]
    return slots or list(vars(value))


def _is_frozen(kind: type) -> bool:
    parameters = getattr(kind, "__dataclass_params__", None)
    return bool(parameters and parameters.frozen)
