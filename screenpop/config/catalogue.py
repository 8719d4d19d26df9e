"""The texts of one language, out of a compiled catalogue."""

from __future__ import annotations

import gettext
from collections.abc import Iterable
from typing import BinaryIO


class FileCatalogue(gettext.GNUTranslations):
    """A ``.mo`` file, read as a whole.

    Attributes:
        code: Which language it is (ISO 639-1).
        is_right_to_left: Whether the language is written from the right.
    """

    def __init__(
        self, stream: BinaryIO, code: str, *, is_right_to_left: bool = False
    ) -> None:
        """Read it.

        Raises:
            OSError: It cannot be read, or is no catalogue.
        """
        super().__init__(stream)
        self.code = code
        self.is_right_to_left = is_right_to_left
        self._with_gaps: tuple[str, ...] | None = None

    def sentences_with_gaps(self) -> Iterable[str]:
        """Every English sentence with gaps that is translated."""
        if self._with_gaps is None:
            # There is no public way to list them. Plural forms have keys of two parts.
            keys: Iterable[str | tuple[str, int]] = vars(self)["_catalog"]
            plain = (key for key in keys if isinstance(key, str))
            self._with_gaps = tuple(each for each in plain if "{" in each)
        return self._with_gaps
