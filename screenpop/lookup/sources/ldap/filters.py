"""Search filters for a directory (RFC 4515): numbers in many spellings, and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.numbers import (
    format_number,
    national_significant,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from screenpop.domain.numbers import PhoneNumber

_MOST_WORDS: Final = 5
_LONGEST_WORD: Final = 60
_FEWEST_DIGITS: Final = 3
_PLAIN: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 +-.,:@_/'=#"
)


def escaped(value: str) -> str:
    r"""A value as it may stand in a filter: whatever is not plain as ``\xx``.

    >>> escaped("a*)(cn=ü")
    'a\\2a\\29\\28cn=\\c3\\bc'
    """
    return "".join(
        char if char in _PLAIN else "".join(f"\\{byte:02x}" for byte in _utf8(char))
        for char in value
    )


def _utf8(char: str) -> bytes:
    return char.encode("utf-8", "replace")


def spellings(number: PhoneNumber, region: str) -> tuple[str, ...]:
    """How the number may be written in the directory, the likeliest first.

    A server that compares by ``telephoneNumberMatch`` passes over blanks and hyphens
    (RFC 4517 section 4.2.29), but Active Directory does not, so both are here. National
    spellings are those of ``region`` only.
    """
    if not number.e164:
        sip = (number.sip, f"sip:{number.sip}") if number.sip else ()
        return (number.extension,) if number.extension else sip
    digits = number.e164.removeprefix("+")
    international = format_number(number.e164, "")
    found = [
        number.e164,
        international,
        international.replace(" ", "-"),
        digits,
        f"00{digits}",
    ]
    at_home = format_number(number.e164, region)
    if not at_home.startswith("+"):
        national = national_significant(number.e164)
        found += [at_home, _digits(at_home), national]
    return tuple(dict.fromkeys(found))


def number_filter(attributes: Sequence[str], values: Iterable[str]) -> str:
    """Whoever has one of these values in one of these attributes."""
    return _any(f"({name}={escaped(value)})" for value in values for name in attributes)


def ending_filter(attributes: Sequence[str], digits: str) -> str:
    """Whoever has a number with these last digits, whatever stands between them."""
    pattern = "*" + "*".join(digits)
    return _any(f"({name}={pattern})" for name in attributes)


def presence_filter(attributes: Sequence[str]) -> str:
    """Whoever has any number."""
    return _any(f"({name}=*)" for name in attributes)


def text_filter(
    text: str, word_attributes: Sequence[str], number_attributes: Sequence[str]
) -> str:
    """Whoever has each word of ``text`` in a name, company or number; "" for none."""
    words = text.split()[:_MOST_WORDS]
    if _is_number(text):
        words = ["".join(words)]
    return _all(
        _one_word(word[:_LONGEST_WORD], word_attributes, number_attributes)
        for word in words
    )


def _one_word(word: str, names: Sequence[str], numbers: Sequence[str]) -> str:
    choices = [f"({name}=*{escaped(word)}*)" for name in names]
    if _is_number(word):
        pattern = "*" + "*".join(_digits(word)) + "*"
        choices += [f"({name}={pattern})" for name in numbers]
    return _any(choices)


def both(first: str, second: str) -> str:
    """What fits both filters; an empty one fits everything."""
    return _all(each for each in (first, second) if each)


def is_filter(text: str) -> bool:
    """Whether it looks like a filter: brackets around all, each one closed."""
    depth = 0
    for position, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 1 and position + 1 < len(text):
            return False
    return text.startswith("(") and depth == 0 and len(text) > len("()")


def _is_number(text: str) -> bool:
    is_bare = all(char in "+()-./ 0123456789" for char in text)
    return is_bare and len(_digits(text)) >= _FEWEST_DIGITS


def _digits(text: str) -> str:
    return "".join(char for char in text if char in "0123456789")


def _any(filters: Iterable[str]) -> str:
    return _joined("|", list(filters))


def _all(filters: Iterable[str]) -> str:
    return _joined("&", list(filters))


def _joined(sign: str, filters: list[str]) -> str:
    return filters[0] if len(filters) == 1 else f"({sign}{''.join(filters)})"
