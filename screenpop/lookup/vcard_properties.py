"""One property of a vCard: its parameters and its value, as text.

vCard 3.0 (RFC 2426) and 4.0 (RFC 6350), and what the many exporters of 2.1 still
write: bare parameters (``TEL;CELL:``), quoted-printable, charsets.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

from screenpop.domain.frozen import frozen
from screenpop.lookup.codepages import charset, decoded

_ENCODINGS: Final = frozenset(
    {"quoted-printable", "base64", "b", "q", "8bit", "7bit", "binary"}
)
_QUOTED_PRINTABLE: Final = frozenset({"quoted-printable", "q"})
_BASE64: Final = frozenset({"base64", "b"})
_ESCAPE: Final = re.compile(r"\\([nN,;:\\])")
_OLD_ESCAPE: Final = re.compile(r"\\([,;:\\])")
_PARTS: Final = re.compile(r"(?:\\.|[^;\\]|\\$)*", re.DOTALL)
# RFC 6868.
_CARET: Final = re.compile(r"\^([n^'])")
_CARET_MEANS: Final = {"n": "\n", "^": "^", "'": '"'}


@frozen
class Property:
    """One property.

    Attributes:
        group: What ties it to others ("item1"); "" for nothing.
        name: In capitals, "TEL".
        types: The values of TYPE, and bare parameters, in small letters.
        parameters: The others, by their names in small letters.
        parts: The value, cut at its semicolons, escapes undone.
        text: The value as a whole, escapes undone.
    """

    group: str
    name: str
    types: tuple[str, ...]
    parameters: dict[str, str]
    parts: tuple[str, ...]
    text: str


def read_property(
    group: str, name: str, line: bytes, version: str, codepage: str
) -> Property:
    """The property in an unfolded line that begins with its name; never raises.

    Args:
        group: Its group.
        name: Its name.
        line: The whole line.
        version: The card's version.
        codepage: How text is written that does not say so and is not UTF-8.
    """
    head, value = _cut(line)
    types, parameters = _parameters(decoded(head, "", codepage))
    encoding = parameters.pop("encoding", "").casefold()
    named = charset(parameters.pop("charset", ""))
    escape = _OLD_ESCAPE if version == "2.1" else _ESCAPE
    if encoding in _QUOTED_PRINTABLE:
        # Cut first: a semicolon that is encoded belongs to the text.
        raw = [binascii.a2b_qp(part) for part in value.split(b";")]
        parts = tuple(_unescaped(decoded(p, named, codepage), escape) for p in raw)
        text = ";".join(parts)
    else:
        data = _from_base64(value) if encoding in _BASE64 else value
        whole = decoded(data, named, codepage)
        parts = tuple(_unescaped(part, escape) for part in _split(whole))
        text = _unescaped(whole, escape)
    return Property(group, name, types, parameters, parts, text)


def _cut(line: bytes) -> tuple[bytes, bytes]:
    """Parameters and value: parted by the first colon that is not in quotes."""
    head, _, value = line.partition(b":")
    if b'"' not in head:
        return head, value
    is_quoted = False
    for place, char in enumerate(line):
        if char == 0x22:
            is_quoted = not is_quoted
        elif char == 0x3A and not is_quoted:
            return line[:place], line[place + 1 :]
    return head, value


def _parameters(head: str) -> tuple[tuple[str, ...], dict[str, str]]:
    types: list[str] = []
    others: dict[str, str] = {}
    for parameter in _split_quoted(head, ";")[1:]:
        key, equals, value = parameter.partition("=")
        key = key.strip().casefold()
        if not equals and key in _ENCODINGS:
            others["encoding"] = key
        elif not equals:
            types.append(key)
        elif key == "type":
            # In version 4.0 the quotes may stand around the whole list.
            listed = value.replace('"', "").split(",")
            types += [word.strip().casefold() for word in listed]
        else:
            others.setdefault(key, _bare(value))
    return tuple(dict.fromkeys(filter(None, types))), others


def _bare(value: str) -> str:
    value = value.strip().strip('"')
    return _CARET.sub(lambda found: _CARET_MEANS[found.group(1)], value)


def _split_quoted(text: str, separator: str) -> list[str]:
    if '"' not in text:
        return text.split(separator)
    parts, start, is_quoted = [], 0, False
    for place, char in enumerate(text):
        if char == '"':
            is_quoted = not is_quoted
        elif char == separator and not is_quoted:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _split(value: str) -> list[str]:
    """The parts of a structured value; an escaped semicolon cuts nothing."""
    if "\\" not in value:
        return value.split(";")
    parts, place = [], 0
    while True:
        found = _PARTS.match(value, place)
        end = found.end() if found else len(value)
        parts.append(value[place:end])
        if end >= len(value):
            return parts
        place = end + 1


def _unescaped(text: str, escape: re.Pattern[str]) -> str:
    if "\\" not in text:
        return text
    return escape.sub(lambda f: "\n" if f.group(1) in "nN" else f.group(1), text)


def _from_base64(value: bytes) -> bytes:
    packed = b"".join(value.split())
    try:
        return binascii.a2b_base64(packed + b"=" * (-len(packed) % 4))
    except binascii.Error:
        return b""
