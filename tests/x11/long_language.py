"""English as long as the longest languages are, to see where texts need their room."""

from __future__ import annotations

import re
from collections.abc import Iterable

_GAP = re.compile(r"(\{\w+\})")
_VOWEL = re.compile(r"[aeiou]")


class LongLanguage:
    """Says every vowel twice, which makes sentences a third longer."""

    code = "en"
    is_right_to_left = False

    def gettext(self, message: str) -> str:
        """The sentence, its gaps left alone."""
        parts = _GAP.split(message)
        return "".join(
            part if _GAP.fullmatch(part) else _VOWEL.sub(r"\g<0>\g<0>", part)
            for part in parts
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The sentence for that many."""
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, _context: str, message: str) -> str:
        """The sentence, whatever it means."""
        return self.gettext(message)

    def sentences_with_gaps(self) -> Iterable[str]:
        """None: nothing is translated back."""
        return ()
