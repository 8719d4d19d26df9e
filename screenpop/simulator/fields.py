"""Strict reading of JSON bodies and query values: a wrong spelling must show."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from screenpop.simulator.routing import Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from screenpop.simulator.http_server import JsonObject

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def is_e164(text: str) -> bool:
    """Whether `text` is a plus sign and 7 to 15 digits."""
    return _E164.fullmatch(text) is not None


class Fields:
    """The fields of one JSON object, each to be asked for by its name.

    Every method raises :class:`Refusal` 400 for a value of the wrong kind, or for
    one that is required and missing.
    """

    def __init__(self, content: JsonObject) -> None:
        self._content = content
        self._asked: set[str] = set()

    def _take(self, name: str, *, required: bool) -> object:
        self._asked.add(name)
        if name not in self._content and required:
            raise Refusal(400, f"{name} is required")
        return self._content.get(name)

    def has(self, name: str) -> bool:
        """Whether `name` was given at all."""
        return name in self._content

    def text(self, name: str, *, required: bool = False, default: str = "") -> str:
        """A string; a required one must not be blank."""
        value = self._take(name, required=required)
        if name not in self._content:
            return default
        if not isinstance(value, str) or (required and not value.strip()):
            raise Refusal(400, f"{name} must be a string")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """An array of strings."""
        value = self._take(name, required=False)
        if name not in self._content:
            return ()
        if not isinstance(value, list):
            raise Refusal(400, f"{name} must be an array of strings")
        texts = tuple(item for item in value if isinstance(item, str))
        if len(texts) != len(value):
            raise Refusal(400, f"{name} must be an array of strings")
        return texts

    def boolean(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._take(name, required=False)
        if name not in self._content:
            return default
        if not isinstance(value, bool):
            raise Refusal(400, f"{name} must be true or false")
        return value

    def choice(
        self, name: str, choices: Collection[str], *, default: str | None = None
    ) -> str:
        """One of `choices`; required without a `default`."""
        value = self.text(name, required=default is None, default=default or "")
        if value not in choices:
            raise Refusal(400, f"{name} must be one of {', '.join(sorted(choices))}")
        return value

    def number(self, name: str) -> str:
        """A required phone number in E.164."""
        value = self.text(name, required=True)
        if not is_e164(value):
            raise Refusal(400, f"{name} must be in E.164 format")
        return value

    def numbers(self, name: str) -> tuple[str, ...]:
        """An array of phone numbers in E.164."""
        values = self.texts(name)
        if not all(map(is_e164, values)):
            raise Refusal(400, f"{name} must be in E.164 format")
        return values

    def web_address(self, name: str) -> str:
        """A required http or https URL with a host."""
        value = self.text(name, required=True)
        try:
            parts = urlsplit(value)
            is_usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            is_usable = False
        if not is_usable:
            raise Refusal(400, f"{name} must be a URL")
        return value

    def moment(self, name: str) -> datetime | None:
        """A date and time with its zone, in ISO 8601."""
        value = self.text(name)
        if name not in self._content:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise Refusal(400, f"{name} must be in ISO 8601") from None
        if moment.tzinfo is None or "T" not in value:
            raise Refusal(400, f"{name} must be in ISO 8601 with a time zone")
        return moment

    def finish(self) -> None:
        """Refuse fields that nobody asked for."""
        unknown = sorted(set(self._content) - self._asked)
        if unknown:
            raise Refusal(400, f"Unknown field {unknown[0]!r}")


def whole_number(
    query: Mapping[str, str],
    name: str,
    *,
    default: int,
    least: int,
    most: int | None = None,
) -> int:
    """A whole number from the query.

    Raises:
        Refusal: 400, when it is none or out of bounds.
    """
    text = query.get(name)
    if text is None:
        return default
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    if not is_number or int(text) < least or (most is not None and int(text) > most):
        raise Refusal(400, f"{name} is out of bounds")
    return int(text)
