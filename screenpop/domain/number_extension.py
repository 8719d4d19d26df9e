"""The extension that people write after a number, in the words of many offices."""

from __future__ import annotations

import re
from typing import Final

_FEWEST_DIGITS_BEFORE: Final = 7
_FEWEST_DIGITS_OF_A_SECOND_NUMBER: Final = 7

# Words that mean nothing else, also alone ("Durchwahl 12").
_WORDS: Final = (
    r"ext(?:ensi[oó]n|n)?|xt?|int(?:erno|ernal)?|est|доб(?:авочный)?|вн(?:утр)?|дод"
    r"|vid(?:inis)?|iekš|anexo|ramal|durchw(?:ahl)?|dw|app(?:arat)?|nst|nebenstelle"
    r"|poste|toestel|tst|wewn?|klapka|linka|mellék|ankn(?:ytning)?|lok(?:al)?|dahili"
    r"|εσωτ|alanumero|內線|内線|内线|分機|分机|转|轉|내선"
)
_NUMBER_SIGN: Final = r"(?:\s*(?:#|n[or]\.?))?"
_BARE: Final = re.compile(
    rf"(?:{_WORDS})[.:]{{0,2}}{_NUMBER_SIGN}\s*(\d{{1,6}})", re.IGNORECASE
)
_AFTER: Final = re.compile(
    rf"(?P<number>.*\d.*?)(?P<mark>[\s,;(\-]*(?:;\s*ext\s*=|ext(?=\d)|\u00d7|r\."
    rf"|(?:{_WORDS})(?![^\W\d_]){_NUMBER_SIGN}|[#~]|[,;pw]+)[.:=]{{0,2}})"
    r"\s*(?P<extension>\d{1,15})(?P<end>#?)\)?",
    re.IGNORECASE,
)

_NO_BRACKETS: Final = str.maketrans("()[]", "    ")
_BEHIND: Final = re.compile(
    rf"\s*[(\[]\s*(?:{_WORDS})[.: ]{{0,2}}\d{{1,6}}\s*[)\]]|[,;pw]{{1,6}}\d{{1,15}}#",
    re.IGNORECASE,
)


def bare_extension(bare: str) -> str:
    """The digits of "x101" or "ext. 101"; "" for anything else."""
    found = _BARE.fullmatch(bare)
    return found.group(1) if found else ""


def split_extension(bare: str) -> tuple[str, str]:
    """A number and what is to be dialled after it ("" when nothing)."""
    found = _AFTER.fullmatch(bare)
    if found is None:
        return bare, ""
    if sum(map(str.isdigit, found["number"])) < _FEWEST_DIGITS_BEFORE:
        return bare, ""
    # A pause is one comma too, but what is sent after it is rarely as long as a number.
    is_list = found["mark"].strip() in {",", ";"} and not found["end"]
    if is_list and len(found["extension"]) >= _FEWEST_DIGITS_OF_A_SECOND_NUMBER:
        return bare, ""
    return found["number"].strip(), found["extension"]


def extension_behind(text: str) -> str:
    """What ``text``, which follows a number, begins with: " (ext. 12)", ",,1234#"."""
    found = _BEHIND.match(text)
    return found.group().translate(_NO_BRACKETS) if found else ""
