"""The countries to choose from, by their names in the system's language."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QLocale

from screenpop.config.settings import REGIONS
from screenpop.ui.wording import tr


@cache
def region_choices() -> tuple[tuple[str, str], ...]:
    """Code and name of every country, by name; first the system's own choice."""
    named = ((code, _name(code)) for code in REGIONS)
    return (("", tr("As the system")), *sorted(named, key=lambda pair: pair[1]))


def _name(code: str) -> str:
    territory = QLocale.codeToTerritory(code)
    if territory == QLocale.Country.AnyCountry:
        return code
    return f"{QLocale.territoryToString(territory)} ({code})"
