"""Fields of a JSON body, read as strictly as MobTexting's answers suggest: 422."""

from __future__ import annotations

from collections.abc import Callable, Collection

from screenpop.simulator.fields import Fields
from screenpop.simulator.routing import Refusal


class StrictFields(Fields):
    """The fields of one body, each to be asked for by its name.

    Every method raises :class:`Refusal` 422 for a value of the wrong kind, or for one
    that is required and missing.
    """

    def required(self, name: str) -> str:
        """A text that must be there."""
        return _checked(lambda: self.text(name, required=True))

    def optional(self, name: str) -> str:
        """A text, or "" without it."""
        return _checked(lambda: self.text(name))

    def address(self, name: str) -> str:
        """A URL that must be there."""
        return _checked(lambda: self.web_address(name))

    def switch(self, name: str, *, default: bool) -> bool:
        """1 or 0."""
        return self.small_number(name, str(int(default)), ("0", "1")) == "1"

    def small_number(
        self, name: str, default: str, choices: Collection[str] = ()
    ) -> str:
        """A whole number, as text or as a JSON number; `default` without it."""
        value = self._take(name, required=False)
        if not self.has(name):
            return default
        is_text = isinstance(value, str | int) and not isinstance(value, bool)
        text = str(value)
        if not (is_text and text.isascii() and text.isdigit()):
            raise Refusal(422, f"The {name} must be a number")
        if choices and text not in choices:
            raise Refusal(422, f"The {name} must be one of {', '.join(choices)}")
        return text


def _checked(read: Callable[[], str]) -> str:
    try:
        return read()
    except Refusal as refusal:
        raise Refusal(422, refusal.reason) from None
