"""Find the numbers in a sentence, a signature, a whole e-mail that was pasted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from screenpop.domain.number_extension import extension_behind
from screenpop.domain.number_labels import ends_with_label
from screenpop.domain.number_reading import read_number
from screenpop.domain.number_text import clean
from screenpop.domain.phone_number import NumberKind, PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Callable

    import phonenumbers

_MOST_NUMBERS: Final = 9
_FEWEST_DIGITS_WITHOUT_A_SIGN: Final = 9

_LINK: Final = re.compile(r"\b(?:tel|callto):[^\s<>\"']+", re.IGNORECASE)
_NUMBER_BESIDE_ADDRESS: Final = re.compile(
    r"(?:\d[^\d<]{0,3}){7}[^<]*<|>[^>]*?(?:\d[^\d<]{0,3}){7}"
)
_LINE_BREAK: Final = re.compile(r"[\n\r]")
_EXTENSION: Final = re.compile(
    r"\b(?:ext(?:ension)?\.?|interno|int\.)[ :]*(\d{1,6})\b(?![\d.,-]*\d)",
    re.IGNORECASE,
)
# Web and mail addresses, bank accounts, cards, and whatever a word before it names as
# the number of something else.
_NO_NUMBERS: Final = re.compile(
    r"\b(?:https?://|www\.)\S+|\S+@\S+"
    r"|\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?\b"
    r"|\b\d{4}(?:[ -]\d{4}){3}\b"
    r"|\b\d+[.,]\d+(?=\s*(?:€|\$|£|EUR|USD|GBP|%))|(?:€|\$|£|EUR|USD|GBP)\s*[\d.,]+"
    r"|(?<![\d.)])(?<![\d)][ -])\b-?\d{1,3}\.\d{3,}\b(?!\.\d)"
    r"|\b(?i:p\.?\s?iva|partita iva|vat|c\.?f\.?|ust-?id(?:nr)?|siret|siren|isbn|iban"
    r"|inn|инн|огрн|gstin?|nip|regon|nif|cif|cnpj|cpf|invoice|order|ref(?:erence)?"
    r"|tracking|rechnung|bestellung|kundennummer|fattura|ordine|pedido|factura|facture"
    r"|commande|sąskaita|užsakymas|заказ|счет|счёт)(?![^\W\d_])[^\d\n]{0,12}"
    r"(?:[\dA-Z][\dA-Z./ -]*\d)"
)


def numbers_in(
    text: str, region: str, read_link: Callable[[str], PhoneNumber | None]
) -> tuple[PhoneNumber, ...]:
    """The numbers in ``text`` in their order, each once; at most nine.

    Args:
        text: As pasted.
        region: In which to read numbers without a country code.
        read_link: Gives the number of a ``tel:`` link; None for one to be refused.
    """
    whole = read_number(text, region)
    # What stands beside "<…>" may be a number too, rather than a name.
    is_whole = not ("<" in text and _LINE_BREAK.search(text.strip()))
    is_whole = is_whole and not _NUMBER_BESIDE_ADDRESS.search(text)
    if is_whole and (whole.is_dialable or whole.kind is NumberKind.SIP):
        return (whole,)
    spelled_out = _LINK.sub(lambda link: _in_words(link.group(), read_link), text)
    found = _matched(_NO_NUMBERS.sub(" ; ", clean_lines(spelled_out)), region)
    if not found:
        digits = _EXTENSION.findall(spelled_out)
        found = [read_number(each, region) for each in digits]
    by_key = {number.key: number for number in reversed(found)}
    return tuple(reversed(by_key.values()))[:_MOST_NUMBERS]


def clean_lines(text: str) -> str:
    """``text`` in plain characters, its lines kept apart."""
    return "\n".join(map(clean, text.splitlines()))


def _in_words(link: str, read_link: Callable[[str], PhoneNumber | None]) -> str:
    """A link within a text as the number it calls; blank when it is refused."""
    number = read_link(link.rstrip(".,;:!?)"))
    if number is None:
        return " "
    extension = f" ext. {number.extension}" if number.extension else ""
    return f" {number.e164}{extension} "


def _matched(text: str, region: str) -> list[PhoneNumber]:
    """The numbers in use, and those that are marked as numbers by a sign or a label.

    Without any of them, whatever is long enough to be one.
    """
    import phonenumbers  # 28 ms that a start without calls saves

    def matches(leniency: int) -> list[phonenumbers.PhoneNumberMatch]:
        matcher = phonenumbers.PhoneNumberMatcher
        return list(matcher(text, region or None, leniency=leniency))

    valid = {match.start for match in matches(phonenumbers.Leniency.VALID)}
    possible = [
        (match, number)
        for match in matches(phonenumbers.Leniency.POSSIBLE)
        if (number := _with_extension(match, text, region)).e164
    ]
    sure = [
        number
        for match, number in possible
        if match.start in valid
        or match.raw_string.startswith("+")
        or ends_with_label(text[: match.start])
    ]
    return sure or [
        number
        for match, number in possible
        if sum(map(str.isdigit, match.raw_string)) >= _FEWEST_DIGITS_WITHOUT_A_SIGN
    ]


def _with_extension(
    match: phonenumbers.PhoneNumberMatch, text: str, region: str
) -> PhoneNumber:
    behind = extension_behind(text[match.end : match.end + 40])
    return read_number(match.raw_string + behind, region)
