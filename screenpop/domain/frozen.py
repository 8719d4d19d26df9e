"""Immutable values: dataclasses that have their methods in common.

``dataclasses`` writes six methods for every class, and one with slots stays in memory
twice, as two of the six hold on to what it was made from. The 180 such classes of an
idle app were 1.5 MiB of it and a tenth of the time to import the services. Here one
copy of each method serves all; only ``__init__`` is written for each class.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field, fields
from functools import cache
from operator import attrgetter
from reprlib import recursive_repr
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    NoReturn,
    TypeVar,
    dataclass_transform,
    overload,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


@overload
def frozen(kind: type[_T], /) -> type[_T]: ...


@overload
def frozen(*, kw_only: bool = False) -> Callable[[type[_T]], type[_T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(
    kind: type[_T] | None = None, /, *, kw_only: bool = False
) -> type[_T] | Callable[[type[_T]], type[_T]]:
    """Make a dataclass of a class: immutable, with slots, equal and hashed by value.

    It is what ``@dataclass(frozen=True, slots=True)`` makes, and ``fields``,
    ``replace``, ``field`` and pattern matching work with it. A ``__repr__``,
    ``__eq__`` or ``__hash__`` of the class's own is left as it is.

    Args:
        kind: The class, where the decorator stands without parentheses.
        kw_only: Its fields are given by name only.
    """
    if kind is None:
        return lambda given: _made(given, kw_only=kw_only)
    return _made(kind, kw_only=kw_only)


def _made(kind: type[_T], *, kw_only: bool) -> type[_T]:
    shared = {name: each for name, each in _SHARED.items() if name not in vars(kind)}
    options = {"eq": False, "repr": False, "kw_only": kw_only}
    made = dataclass(frozen=True, slots=True, **options)(kind)
    for name, method in shared.items():
        setattr(made, name, method)
    return made


@cache
def _values_of(kind: Any) -> Callable[[object], tuple[object, ...]]:
    """Reads all that counts of a value of that class."""
    names = [each.name for each in fields(kind) if each.compare]
    read = attrgetter(*names) if names else None
    if read is None:
        return lambda _: ()
    # Of one name it gives no tuple.
    return read if len(names) > 1 else lambda value: (read(value),)


def _eq(self: Any, other: Any) -> Any:
    if other.__class__ is self.__class__:
        read = _values_of(self.__class__)
        return read(self) == read(other)
    return NotImplemented


def _hash(self: Any) -> int:
    return hash(_values_of(self.__class__)(self))


@cache
def _names_told(kind: Any) -> tuple[str, ...]:
    """The fields of that class that its text tells."""
    return tuple(each.name for each in fields(kind) if each.repr)


@recursive_repr()
def _repr(self: Any) -> str:
    told = (f"{name}={getattr(self, name)!r}" for name in _names_told(self.__class__))
    return f"{self.__class__.__qualname__}({', '.join(told)})"


def _setattr(self: object, name: str, _value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(self: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


_SHARED: Final = {
    "__eq__": _eq,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _setattr,
    "__delattr__": _delattr,
}
