"""Countries by their names, as Qt knows them."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QLocale

from screenpop.wording import named


@cache
def country_name(code: str) -> str:
    """The name of a country by its ISO 3166 code; another text as it is."""
    translated = named("country", code)
    if translated:
        return translated
    territory = QLocale.codeToTerritory(code)
    if territory == QLocale.Country.AnyCountry:
        return code
    return QLocale.territoryToString(territory)
