"""The languages of the program: which there are, which one to use, and its catalogue.

Small on purpose: every start asks it which language to use. The machinery behind a
catalogue is loaded for other languages than English only.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.wording import Catalogue

ENGLISH: Final = "en"
LANGUAGES: Final = MappingProxyType(
    {
        "en": "English",
        "ar": "العربية",
        "de": "Deutsch",
        "es": "Español",
        "hi": "हिन्दी",
        "it": "Italiano",
        "lt": "Lietuvių",
    }
)
"""Each language's code (ISO 639-1) and what it calls itself."""

RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur"})

_SETTING: Final = re.compile(r"^\s*language\s*=\s*[\"']([a-z]*)[\"']", re.MULTILINE)
_log = logging.getLogger(__name__)


def chosen_language(setting: str, system: Iterable[str]) -> str:
    """The code of the language to use.

    Args:
        setting: What the user set; "" to follow the system.
        system: What the system would like best first, such as "it_IT.UTF-8".
    """
    for wish in (setting, *system):
        code = wish.replace("-", "_").partition("_")[0].partition(".")[0].lower()
        if code in LANGUAGES:
            return code
    return ENGLISH


def language_setting(files: Iterable[Path]) -> str:
    """What the settings say, strongest file first, before they are read as a whole.

    The first window shall speak the language at once; whoever reads the settings
    then says what is really in force.
    """
    for file in files:
        try:
            head = file.read_text("utf-8", "replace").partition("\n[")[0]
        except OSError:
            continue
        found = _SETTING.search(head)
        if found is not None:
            return found[1]
    return ""


def posix_languages() -> tuple[str, ...]:
    """What the environment says, best first, as gettext reads it."""
    # LANGUAGE is GNU's list; it counts only where a language is set at all.
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        locale = os.environ.get(name, "")
        if locale:
            wishes = os.environ.get("LANGUAGE", "").split(":")
            is_plain = locale.partition(".")[0] in {"C", "POSIX"}
            return (locale,) if is_plain else (*filter(None, wishes), locale)
    return ()


def read_catalogue(code: str, folder: Path | None = None) -> Catalogue | None:
    """The texts of a language; None for English, and where they are missing.

    Args:
        code: One of `LANGUAGES`.
        folder: Where the compiled catalogues lie; None for the program's own.
    """
    if code == ENGLISH:
        return None
    from screenpop.config.catalogue import FileCatalogue
    from screenpop.config.paths import resources_dir

    file = (folder or resources_dir() / "languages") / f"{code}.mo"
    try:
        with file.open("rb") as stream:
            return FileCatalogue(stream, code, is_right_to_left=code in RIGHT_TO_LEFT)
    except (OSError, ValueError, UnicodeError) as error:
        # Without its texts the program still works, in English.
        _log.warning("no texts of the language %s: %s", code, type(error).__name__)
        return None
