"""Every text that a user reads goes through here, from whatever layer it comes.

A sentence is always handed over whole, with named gaps, so that a translation can put
the words in any order. Foreign values only ever fill gaps; they are never sentences.
Which languages there are, and how to add one, is in ``docs/languages.md``.

Texts are made in the user's language at once. Logs, files, JSON and other machines get
English: a translated text remembers it (`english`), and what comes back from there is
translated again (`reworded`). While the language is English nothing is loaded, looked
up or remembered.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, NewType, Protocol

Marked = NewType("Marked", str)
"""An English sentence that translators know of, to be translated where it is used."""


class Catalogue(Protocol):
    """The texts of one language; ``gettext.GNUTranslations`` is nearly one."""

    @property
    def code(self) -> str:
        """Which language it is (ISO 639-1)."""
        ...

    @property
    def is_right_to_left(self) -> bool:
        """Whether the language is written from the right."""
        ...

    def gettext(self, message: str) -> str:
        """The translation; ``message`` itself where there is none."""
        ...

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The translation for that many."""
        ...

    def pgettext(self, context: str, message: str) -> str:
        """The translation of a word that means several things."""
        ...

    def sentences_with_gaps(self) -> Iterable[str]:
        """Every English sentence with gaps that is translated."""
        ...


class Worded(str):
    """A text in the user's language that remembers how it reads in English."""

    __slots__ = ("english",)

    english: str


_catalogue: list[Catalogue | None] = [None]


def install_catalogue(catalogue: Catalogue | None) -> None:
    """Use ``catalogue`` for every text made from now on; None for English."""
    _catalogue[0] = catalogue


def language() -> str:
    """The code of the language that texts are made in."""
    return "en" if _catalogue[0] is None else _catalogue[0].code


def is_right_to_left() -> bool:
    """Whether the user's language is written from the right."""
    catalogue = _catalogue[0]
    return catalogue is not None and catalogue.is_right_to_left


# --- making texts -------------------------------------------------------------------


def tr(sentence: str, **values: object) -> str:
    """The sentence in the user's language, with its gaps filled."""
    catalogue = _catalogue[0]
    # The translation of nothing is the catalogue's head.
    here = catalogue.gettext(sentence) if catalogue and sentence else sentence
    return _filled(sentence, here, values)


def tr_count(one: str, many: str, count: int, **values: object) -> str:
    """The sentence for that many; ``{count}`` in it stands for the number."""
    sentence = one if count == 1 else many
    catalogue = _catalogue[0]
    here = sentence if catalogue is None else catalogue.ngettext(one, many, count)
    return _filled(sentence, here, {**values, "count": count})


def tr_in(context: str, sentence: str, **values: object) -> str:
    """`tr` of a word that other languages have several words for.

    Args:
        context: What is meant, for the translator: "a button" or "of a call".
        sentence: As for `tr`.
        values: As for `tr`.
    """
    catalogue = _catalogue[0]
    here = sentence if catalogue is None else catalogue.pgettext(context, sentence)
    return _filled(sentence, here, values)


def sentences(*texts: str) -> str:
    """Whole sentences one after the other, without those that are empty."""
    kept = [text for text in texts if text]
    if not any(isinstance(text, Worded) for text in kept):
        return " ".join(kept)
    together = Worded(" ".join(kept))
    together.english = " ".join(map(english, kept))
    return together


def named(context: str, code: str) -> str:
    """What the language calls something that has a code or a name of its own.

    Args:
        context: "country", by its ISO 3166 code, or "area", by its English name.
        code: Which one.

    Returns:
        "" in English, and where the language has no other name for it.
    """
    catalogue = _catalogue[0]
    if catalogue is None or not code:
        return ""
    found = catalogue.pgettext(context, code)
    return "" if found == code else found


def marked(sentence: str) -> Marked:
    """The sentence as it is, made known to translators, for tables of constants."""
    return Marked(sentence)


def tr_marked(sentence: Marked, **values: object) -> str:
    """`tr` of a sentence out of a table, which is `marked` there."""
    return tr(sentence, **values)


def _filled(sentence: str, here: str, values: Mapping[str, object]) -> str:
    if _catalogue[0] is None:
        text = sentence.format_map(values)
        if text.isascii() or not any(map(_is_set_apart, values.values())):
            return text
    apart = {name: _apart(value) for name, value in values.items()}
    text = Worded(here.format_map(apart))
    plainly = {name: _in_english(value) for name, value in values.items()}
    text.english = sentence.format_map(plainly)
    return text


# --- and back -----------------------------------------------------------------------


def english(text: str) -> str:
    """The text as logs, files and other machines get it."""
    return text.english if isinstance(text, Worded) else text


def reworded(text: str) -> str:
    """An English text of ours in the user's language.

    For what was made where the language is not known: kept in the database on another
    day, told by another process, or a constant such as a field's label. What we did not
    write, and what was translated before, stays as it is.
    """
    catalogue = _catalogue[0]
    if catalogue is None or not text or isinstance(text, Worded):
        return text
    here = catalogue.gettext(text)
    if here != text:
        again = Worded(here)
        again.english = text
        return again
    from screenpop.wording_match import matched  # late: only in other languages

    found = matched(text, catalogue.sentences_with_gaps())
    if found is None:
        return text
    sentence, values = found
    return tr(sentence, **{name: reworded(value) for name, value in values.items()})


def in_english(value: object) -> object:
    """The value with all texts in it as machines get them."""
    if _catalogue[0] is None:
        return value
    if isinstance(value, Mapping):
        return {key: in_english(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [in_english(each) for each in value]
    return _in_english(value)


def _in_english(value: object) -> object:
    return value.english if isinstance(value, Worded) else value


# --- directions of writing ------------------------------------------------------------

_ISOLATE: Final = "\u2068"
_FROM_RIGHT: Final = "\u2067"
_END: Final = "\u2069"
_RIGHT_TO_LEFT: Final = ("R", "AL")
ISOLATES: Final = _ISOLATE + _FROM_RIGHT + _END
"""What `isolated` puts around a text."""


def isolated(text: str) -> str:
    """The text marked so that its direction does not reorder what stands around it.

    Without a letter in it, such as a phone number, it runs from the left.
    """
    if not text:
        return ""
    if _ISOLATE not in text:
        return f"{_ISOLATE}{text}{_END}"
    # What is set apart inside does not count for Qt, and it may be all there is.
    kinds = map(unicodedata.bidirectional, text)
    first = next((kind for kind in kinds if kind in ("L", *_RIGHT_TO_LEFT)), "L")
    return f"{_ISOLATE if first == 'L' else _FROM_RIGHT}{text}{_END}"


def unmarked(text: str) -> str:
    """The text without the marks of `isolated`, for those who read it aloud."""
    for mark in ISOLATES:
        text = text.replace(mark, "")
    return text


def has_right_to_left(text: str) -> bool:
    """Whether any of it is written from the right."""
    return not text.isascii() and any(
        unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text
    )


def _is_set_apart(value: object) -> bool:
    """Whether the value could reorder the sentence around it, or the other way."""
    if not isinstance(value, str):
        return False
    return is_right_to_left() or has_right_to_left(value)


def _apart(value: object) -> object:
    return isolated(value) if isinstance(value, str) and _is_set_apart(value) else value
