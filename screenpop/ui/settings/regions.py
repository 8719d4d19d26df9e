"""The countries to choose from, by their names in the system's language."""

from __future__ import annotations

from functools import cache

from screenpop.config.settings import REGIONS
from screenpop.ui.countries import country_name
from screenpop.ui.wording import tr


@cache
def region_choices() -> tuple[tuple[str, str], ...]:
    """Code and name of every country, by name; first the system's own choice."""
    named = ((code, _name(code)) for code in REGIONS)
    return (("", tr("As the system")), *sorted(named, key=lambda pair: pair[1]))


def _name(code: str) -> str:
    name = country_name(code)
    return name if name == code else f"{name} ({code})"
