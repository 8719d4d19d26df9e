"""Who is meant by a call to one of the company's numbers.

PrimeVOX tells of a ring by the number called and names no extension. The account option
``did_map`` says whose numbers they are: ``2025550100=101,2025550101=102+103``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_DIGITS: Final = re.compile(r"\D")
_ENTRY: Final = re.compile(r"([+\d ().\-]{7,25})=\s*(\d{1,8}(?:\s*[+/]\s*\d{1,8})*)")
_NATIONAL_LENGTH: Final = 10


@frozen
class DidMap:
    """Extensions by number; a number that is not in it may be anyone's."""

    by_number: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, text: str) -> DidMap:
        """The map in ``text``, its entries parted by commas, semicolons or lines.

        Raises:
            ConfigurationError: An entry is not like ``2025550100=101``.
        """
        found: dict[str, list[str]] = {}
        for entry in re.split(r"[,;\n]", text):
            if not entry.strip():
                continue
            read = _ENTRY.fullmatch(entry.strip())
            if read is None:
                raise ConfigurationError(
                    tr("The account's did_map cannot be read"),
                    tr("Write it like 2025550100=101,2025550101=102+103."),
                )
            people = found.setdefault(_comparable(read[1]), [])
            people += re.split(r"\s*[+/]\s*", read[2])
        return cls({key: tuple(dict.fromkeys(value)) for key, value in found.items()})

    def extensions(self, number: str) -> tuple[str, ...]:
        """Whose ``number`` is; empty for anyone's."""
        return self.by_number.get(_comparable(number), ())

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every number in it, ten digits each where it is North American."""
        return tuple(self.by_number)


def _comparable(number: str) -> str:
    digits = _NOT_DIGITS.sub("", number)
    if len(digits) == _NATIONAL_LENGTH + 1 and digits.startswith("1"):
        return digits[1:]
    return digits
