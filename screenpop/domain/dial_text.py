"""Find the number in what a person pasted or a link asked to call (RFC 3966).

A link is foreign text: it is read by a strict grammar, and nothing in it can be an
option, a service code or a second number. What a person pastes may be a whole sentence.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from screenpop.domain.dialing import DialOrigin
from screenpop.domain.frozen import frozen
from screenpop.domain.number_extension import split_extension
from screenpop.domain.number_reading import (
    has_caller_id_prefix,
    in_context,
    read_number,
)
from screenpop.domain.number_search import numbers_in
from screenpop.domain.number_text import LONGEST_TEXT, clean, sip_address
from screenpop.domain.number_uri import percent_decoded, tel_parts
from screenpop.domain.phone_number import NumberKind, PhoneNumber
from screenpop.wording import marked, tr_marked

_FEWEST_DIGITS_BEFORE_PAUSE: Final = 7
_LONGEST_EXTENSION: Final = 6

_URI: Final = re.compile(r"(tel|callto|sips?):(?://)?", re.IGNORECASE)
_QUERY: Final = re.compile(r"[?].*", re.DOTALL)
_SUBSCRIBER: Final = re.compile(r"\s*(?:\(?\+)?[\d\s().\-/]*\d[\d\s().\-/]*")
_PAUSE: Final = re.compile(r"[,pwPW]+")
_EXTENSION: Final = re.compile(r"[\d().\- ]{1,20}")
# A person pasted a signature whose first line is "Tel: …".
_LABELLED_LINES: Final = re.compile(r"tel:[^\S\n]+[^\n]*\n", re.IGNORECASE)
_LONGEST_PASTED: Final = 2_000

_TOO_LONG: Final = marked("The text is too long to be a number.")
_NOTHING: Final = marked("There is no phone number in this text.")
_SEVERAL: Final = marked("There are several numbers in this text: choose one.")
_LINK_UNREADABLE: Final = marked("The link does not hold a phone number.")
_LINK_SERVICE_CODE: Final = marked(
    "The link holds a service code, which may change the settings of your phone line. "
    "It was not taken over."
)
_CALLER_ID_SHOWN: Final = marked(
    "The prefix that hides or shows your number was left out: the phone system decides."
)
_AREA_MISSING: Final = marked("The number lacks its area code.")


@frozen
class DialTarget:
    """What a text asks to call.

    Attributes:
        number: The one number in it; None when there is none, or several.
        candidates: All numbers found, for the user to choose from.
        origin: LINK for a URI, TYPED for other text.
        problem: Why ``number`` is None, one sentence without the number; else "".
        note: What the user should know although ``number`` was found; mostly "".
    """

    number: PhoneNumber | None
    candidates: tuple[PhoneNumber, ...]
    origin: DialOrigin
    problem: str = ""
    note: str = ""


def read_dial_text(text: str, region: str) -> DialTarget:
    """What ``text`` asks to call: a number, a URI, or a sentence that holds numbers."""
    stripped = text.strip()
    uri = _URI.match(stripped)
    origin = DialOrigin.LINK if uri else DialOrigin.TYPED
    if len(stripped) > (LONGEST_TEXT if uri else _LONGEST_PASTED):
        return DialTarget(None, (), origin, tr_marked(_TOO_LONG))
    if uri is None:
        target = _target(_numbers_in(stripped, region), origin)
        if target.number and has_caller_id_prefix(stripped, region):
            return replace(target, note=tr_marked(_CALLER_ID_SHOWN))
        return target
    if _LABELLED_LINES.match(stripped):
        return _target(_numbers_in(stripped, region), origin)
    return _read_uri(uri.group(1).casefold(), stripped[uri.end() :], region)


def _target(numbers: tuple[PhoneNumber, ...], origin: DialOrigin) -> DialTarget:
    if len(numbers) == 1:
        return DialTarget(numbers[0], numbers, origin)
    return DialTarget(
        None, numbers, origin, tr_marked(_SEVERAL) if numbers else tr_marked(_NOTHING)
    )


def _refused(problem: str) -> DialTarget:
    return DialTarget(None, (), DialOrigin.LINK, problem)


def _read_uri(scheme: str, rest: str, region: str) -> DialTarget:
    decoded = percent_decoded(_QUERY.sub("", rest))
    if decoded is None:
        return _refused(tr_marked(_LINK_UNREADABLE))
    if scheme.startswith("sip") or "@" in decoded:
        return _read_sip(decoded, region)
    parts = tel_parts(clean(decoded))
    number, _, dialled_after = _split_pause(parts.subscriber)
    if not dialled_after:
        number, dialled_after = _split_word(number)
    if "*" in number or "#" in number:
        return _refused(tr_marked(_LINK_SERVICE_CODE))
    if not _SUBSCRIBER.fullmatch(number):
        return _refused(tr_marked(_LINK_UNREADABLE))
    extension = parts.extension or dialled_after
    if extension and not _EXTENSION.fullmatch(extension):
        return _refused(tr_marked(_LINK_UNREADABLE))
    found = in_context(number, parts.context, region)
    if not found.is_dialable:
        return _refused(tr_marked(_AREA_MISSING))
    digits = "".join(filter(str.isdigit, extension))
    if digits and found.e164:
        found = PhoneNumber(found.raw, found.kind, found.e164, digits)
    return _target((found,), DialOrigin.LINK)


def _split_pause(subscriber: str) -> tuple[str, str, str]:
    """The number, the pause and the digits to send after it, as conference links do."""
    pause = _PAUSE.search(subscriber)
    if pause is None:
        return subscriber, "", ""
    number = subscriber[: pause.start()]
    if sum(map(str.isdigit, number)) < _FEWEST_DIGITS_BEFORE_PAUSE:
        return subscriber, "", ""
    return number, pause.group(), subscriber[pause.end() :].rstrip("#")


def _split_word(subscriber: str) -> tuple[str, str]:
    """The number and what stands behind "x" or "ext.", as CRMs write their links."""
    number, extension = split_extension(subscriber)
    if "#" in subscriber or len(extension) > _LONGEST_EXTENSION:
        return subscriber, ""
    return number, extension


def _read_sip(address: str, region: str) -> DialTarget:
    if sip_address(f"sip:{address}") is None:
        return _refused(tr_marked(_LINK_UNREADABLE))
    number = read_number(f"sip:{address}", region)
    if number.kind in {NumberKind.WITHHELD, NumberKind.UNREADABLE}:
        return _refused(tr_marked(_LINK_UNREADABLE))
    return _target((number,), DialOrigin.LINK)


def _numbers_in(text: str, region: str) -> tuple[PhoneNumber, ...]:
    return numbers_in(text, region, lambda link: read_dial_text(link, region).number)
