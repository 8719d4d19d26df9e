"""What a relay needs of the package index, in the versions that run here."""

from __future__ import annotations

import re
from importlib import metadata
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_WINDOWS_ONLY: Final = frozenset({"pyside6-essentials", "qasync"})


def relay_requirements() -> str:
    """The lines of a requirements.txt, one package each; "" when nobody knows them."""
    try:
        asked = metadata.requires("screenpop") or []
    except metadata.PackageNotFoundError:
        return ""
    wanted = dict.fromkeys(
        name
        for each in asked
        if (name := _wanted(each)) and name.lower() not in _WINDOWS_ONLY
    )
    return "".join(f"{name}{_pin(name)}\n" for name in sorted(wanted, key=str.lower))


def _wanted(requirement: str) -> str:
    """The name in a requirement of the program or of its extra for relays."""
    head, _, marker = requirement.partition(";")
    if "extra" in marker and not re.search(r"""extra\s*==\s*["']relay["']""", marker):
        return ""
    found = _NAME.match(head.strip())
    return found.group() if found else ""


def _pin(name: str) -> str:
    try:
        return f"=={metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return ""
