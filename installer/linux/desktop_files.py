"""What a Linux desktop is told about the program: menu entry, links, icons, store page.

The names are those that the running program uses for a user's own files, so that these
overrule a package's: see ``screenpop.desktop.url_scheme``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from screenpop.desktop.desktop_entry import desktop_entry
from screenpop.desktop.url_scheme import ENTRY_NAME as URL_ENTRY_NAME
from screenpop.desktop.url_scheme import url_entry

FOLDER: Final = Path(__file__).resolve().parent
ROOT: Final = FOLDER.parent.parent
PROGRAM: Final = "screenpop"
MENU_ENTRY_NAME: Final = "screenpop.desktop"
APPSTREAM_ID: Final = "org.screenpop.screenpop"
ICON_SIZES: Final = (16, 22, 24, 32, 48, 64, 128, 256)
"""Edges in pixels, for desktops that do not draw the drawing."""

_VERSION: Final = re.compile(r"(\d+(?:\.\d+)*)(?:(a|b|rc)(\d+))?")


def menu_entry(command: str = PROGRAM) -> str:
    """The text of the entry in the menu, with what to offer at a right click."""
    entry = desktop_entry(
        {
            "Type": "Application",
            "Version": "1.4",
            "Name": PROGRAM,
            "GenericName": "Caller display",
            "Comment": "Shows who is calling, and dials",
            "Icon": PROGRAM,
            "Exec": command,
            "TryExec": command,
            "Terminal": "false",
            "StartupNotify": "false",
            "StartupWMClass": PROGRAM,
            "Categories": "Network;Telephony;",
            "Keywords": "phone;call;caller;dial;telephony;",
            "Actions": "search;",
        }
    )
    action = {"Name": "Search and dial", "Exec": f"{command} search"}
    return entry + desktop_entry(action).replace(
        "[Desktop Entry]", "\n[Desktop Action search]"
    )


def applications(command: str = PROGRAM) -> dict[str, str]:
    """The texts of all entries, by file name."""
    return {
        MENU_ENTRY_NAME: menu_entry(command),
        URL_ENTRY_NAME: url_entry([command]),
    }


def metainfo(version: str, date: str) -> str:
    """The page of the program in software centres (AppStream).

    Args:
        version: The program's.
        date: When it was made, as YYYY-MM-DD.
    """
    template = (FOLDER / f"{APPSTREAM_ID}.metainfo.xml").read_text("utf-8")
    return template.replace("@VERSION@", version).replace("@DATE@", date)


def debian_version(version: str) -> str:
    """The version in an order that dpkg keeps: candidates before their release.

    Raises:
        ValueError: It is none of the project's.
    """
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError(f"Debian packages have no version such as {version}")
    number, stage, count = found.groups()
    return f"{number}~{stage}{count}" if stage else number


def write_icons(hicolor: Path) -> None:
    """Write the icon in every size below a theme's folder; needs Qt."""
    import app_icons

    for size in ICON_SIZES:
        path = hicolor / f"{size}x{size}" / "apps" / f"{PROGRAM}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        app_icons.paint(size).save(str(path))
    drawing = hicolor / "scalable" / "apps" / f"{PROGRAM}.svg"
    drawing.parent.mkdir(parents=True, exist_ok=True)
    drawing.write_text(app_icons.coloured_drawing(), "utf-8")
