"""Strict reading of query parameters: what is wrong gets 422, as documented."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from screenpop.simulator.routing import Refusal, Route
from screenpop.simulator.tele2.spelling import success

if TYPE_CHECKING:
    from screenpop.simulator.http_server import Answer, JsonObject
    from screenpop.simulator.routing import Question
    from screenpop.simulator.tele2.options import Tele2Options

BASE: Final = "/api/v2"
_INTEGER: Final = re.compile(r"\d{1,18}")
# RFC 3339, which is what OpenAPI calls date-time.
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
)


def integer(query: Mapping[str, str], name: str, *, default: int | None = None) -> int:
    """A whole number; required without a `default`.

    Raises:
        Refusal: 422 for anything else.
    """
    text = query.get(name)
    if text is None:
        if default is None:
            raise Refusal(422, f"{name} is required")
        return default
    if not _INTEGER.fullmatch(text):
        raise Refusal(422, f"{name} must be an integer")
    return int(text)


def date_time(query: Mapping[str, str], name: str) -> datetime | None:
    """A moment in the form of RFC 3339.

    Raises:
        Refusal: 422 for anything else.
    """
    text = query.get(name)
    if text is None:
        return None
    if not _DATE_TIME.fullmatch(text):
        raise Refusal(422, f"{name} must be a date-time")
    return datetime.fromisoformat(text)


def direction(query: Mapping[str, str]) -> str:
    """``in``, ``out``, or "" when not given.

    Raises:
        Refusal: 422 for anything else.
    """
    text = query.get("direction", "")
    if "direction" in query and text not in ("in", "out"):
        raise Refusal(422, "direction must be in or out")
    return text


def path_id(question: Question) -> int:
    """The id in the path.

    Raises:
        Refusal: 422 when it is no integer.
    """
    return integer(question.names, "id")


class Shelf:
    """One kind of thing with its two routes: one by id, and the newer ones.

    Args:
        name: As in both paths.
        id_name: As in the query.
        things: All of them, as spelled, with the ids to find them by.
        filters: Names of further parameters, each with its check: whether a thing
            passes. A check may raise Refusal.
    """

    def __init__(
        self,
        name: str,
        id_name: str,
        things: Callable[[], Iterable[tuple[int, JsonObject]]],
        options: Tele2Options,
        filters: Mapping[str, Callable[[Mapping[str, str], JsonObject], bool]]
        | None = None,
    ) -> None:
        self._name = name
        self._id_name = id_name
        self._things = things
        self._options = options
        self._filters = filters or {}

    def routes(self) -> tuple[Route, ...]:
        """``/name/{id}`` and ``/trigger/name``."""
        known = {f"initial_{self._id_name}", self._id_name, "limit", "offset"}
        return (
            Route(method="GET", path=f"{BASE}/{self._name}/{{id}}", respond=self._one),
            Route(
                method="GET",
                path=f"{BASE}/trigger/{self._name}",
                respond=self._newer,
                query=frozenset(known | self._filters.keys()),
            ),
        )

    def _one(self, question: Question) -> Answer:
        wanted = path_id(question)
        for thing_id, thing in self._things():
            if thing_id == wanted:
                return success(thing)
        raise Refusal(404, "No items found")

    def _newer(self, question: Question) -> Answer:
        query = question.query
        mark = integer(query, f"initial_{self._id_name}")
        wanted = integer(query, self._id_name, default=0)
        found = [
            (thing_id, thing)
            for thing_id, thing in self._things()
            if thing_id > mark
            and wanted in (0, thing_id)
            and all(
                check(query, thing)
                for name, check in self._filters.items()
                if name in query
            )
        ]
        # The connector takes its next mark from the first: the newest comes first.
        found.sort(key=lambda each: -each[0])
        return page(question, [thing for _, thing in found], self._options)


def page(question: Question, found: list[JsonObject], options: Tele2Options) -> Answer:
    """What `limit` and `offset` leave of a list.

    Raises:
        Refusal: 404 when that is nothing.
    """
    limit = integer(question.query, "limit", default=options.largest_page)
    offset = integer(question.query, "offset", default=0)
    shown = found[offset : offset + min(limit, options.largest_page)]
    if not shown:
        raise Refusal(404, "No items found")
    return success(shown)
