"""Values behave as the dataclasses do that they stand in for."""

from __future__ import annotations

import copy
import gc
import weakref
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from screenpop.domain.frozen import frozen


@frozen
class Point:
    x: int
    y: int = 2
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    x: int
    y: int = 2
    marks: tuple[str, ...] = ()


@frozen(kw_only=True)
class Named(Point):
    name: str = field(repr=False)
    seen: int = field(default=0, compare=False)


@frozen
class Single:
    x: float


@frozen
class Nothing:
    pass


@frozen
class Own:
    x: int

    def __repr__(self) -> str:
        return "mine"

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 7


def test_values_are_equal_and_hashed_by_what_they_hold() -> None:
    assert Point(1) == Point(1, 2)
    assert Point(1) != Point(2)
    assert hash(Point(1)) == hash(Point(1))
    assert {Point(1), Point(1), Point(3)} == {Point(3), Point(1)}
    assert Single(1) == Single(1)
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())


def test_values_of_other_classes_are_others() -> None:
    others: list[object] = [Model(1), Named(x=1, name="a"), (1, 2, ())]
    assert Point(1) not in others


def test_what_does_not_count_is_not_compared() -> None:
    assert Named(x=1, name="a", seen=1) == Named(x=1, name="a", seen=2)
    assert hash(Named(x=1, name="a", seen=1)) == hash(Named(x=1, name="a"))
    assert Named(x=1, name="a") != Named(x=1, name="b")


def test_not_a_number_is_itself_as_within_a_tuple() -> None:
    nan = float("nan")
    assert Single(nan) == Single(nan)


def test_the_text_is_that_of_a_dataclass() -> None:
    assert repr(Point(1, marks=("a",))) == repr(Model(1, marks=("a",))).replace(
        "Model", "Point"
    )
    assert repr(Named(x=1, name="a")) == "Named(x=1, y=2, marks=(), seen=0)"


def test_nothing_changes_or_deletes_a_field() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'z'"):
        point.z = 2  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    assert not hasattr(point, "__dict__")


def test_what_the_standard_library_does_with_dataclasses_works() -> None:
    assert replace(Point(1), y=3) == Point(1, 3)
    assert [each.name for each in fields(Point)] == ["x", "y", "marks"]
    assert copy.copy(Point(1)) == copy.deepcopy(Point(1)) == Point(1)
    match Point(1, 5):
        case Point(x, y):
            assert (x, y) == (1, 5)


def test_methods_of_its_own_are_left() -> None:
    assert repr(Own(1)) == "mine"
    assert Own(1) == Own(2)
    assert hash(Own(1)) == 7


def test_the_class_it_was_made_from_is_let_go() -> None:
    seen: list[weakref.ref[type]] = []

    def made() -> type:
        class Short:
            x: int

        seen.append(weakref.ref(Short))
        return frozen(Short)

    kept = made()
    gc.collect()
    assert kept(1).x == 1
    assert seen[0]() is None
