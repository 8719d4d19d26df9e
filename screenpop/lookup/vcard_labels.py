"""What a vCard calls one of its numbers: "mobile", "work fax", or the user's word."""

from __future__ import annotations

import re
from typing import Final

from screenpop.domain.plain_text import plain

_APPLE: Final = re.compile(r"_\$!<(.*)>!\$_")
_LONGEST: Final = 60
# Those that are left out, such as "voice" and "pref", tell nothing of whose it is.
_PLACES: Final = {"work": "work", "business": "work", "home": "home", "main": "main"}
_DEVICES: Final = {
    "fax": "fax",
    "pager": "pager",
    "cell": "mobile",
    "mobile": "mobile",
    "iphone": "mobile",
    "car": "car",
    "isdn": "isdn",
    "video": "video",
    "textphone": "text phone",
    "tty-tdd": "text phone",
    "assistant": "assistant",
    "callback": "callback",
    "company": "company",
    "other": "other",
}


def number_label(types: tuple[str, ...], own_label: str) -> str:
    """The label of a number.

    Args:
        types: The values of its TYPE parameter, in small letters.
        own_label: What the user called it, Apple's own words among them.
    """
    told = plain(own_label, _LONGEST)
    apple = _APPLE.fullmatch(told)
    if apple:
        # "_$!<HomeFAX>!$_" is how the address book writes a word that it translates.
        return " ".join(
            re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", apple.group(1))
        ).lower()
    if told:
        return told.lower()
    bare = [word.removeprefix("x-") for word in types]
    places = [_PLACES[word] for word in bare if word in _PLACES]
    devices = [_DEVICES[word] for word in bare if word in _DEVICES]
    return " ".join(dict.fromkeys([*places[:1], *devices[:1]]))
