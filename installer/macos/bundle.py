"""What macOS is told about the app: its property list, and what it may do.

Read by the specification of the frozen program and by the maker of the disk image.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from screenpop.desktop.autostart import AGENT_LABEL
from screenpop.desktop.url_scheme import bundle_url_types

FOLDER: Final = Path(__file__).resolve().parent
APP: Final = "screenpop.app"
BUNDLE_ID: Final = AGENT_LABEL
"""The login item is named after the app, so that both are seen to be one."""
ENTITLEMENTS: Final = FOLDER / "entitlements.plist"
OLDEST_MACOS: Final = "13.0"
"""What the wheels of Qt are built for."""
IDENTITY_VARIABLE: Final = "SCREENPOP_CODESIGN_IDENTITY"

_NUMBERS: Final = re.compile(r"\d+\.\d+\.\d+")


def info_plist(version: str) -> dict[str, object]:
    """The entries of ``Info.plist`` that PyInstaller does not make by itself.

    Args:
        version: The program's.

    Raises:
        ValueError: It does not begin with three numbers, which is all macOS takes.
    """
    numbers = _NUMBERS.match(version)
    if numbers is None:
        raise ValueError(f"macOS takes no version such as {version}")
    return {
        "CFBundleIdentifier": BUNDLE_ID,
        "CFBundleName": "screenpop",
        "CFBundleDisplayName": "screenpop",
        "CFBundleShortVersionString": numbers[0],
        "CFBundleVersion": numbers[0],
        "CFBundleURLTypes": list(bundle_url_types()),
        "LSApplicationCategoryType": "public.app-category.business",
        "LSMinimumSystemVersion": OLDEST_MACOS,
        # It lives in the menu bar: no icon in the Dock, no menu of its own.
        "LSUIElement": True,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "screenpop contributors, MIT licence",
        "NSLocalNetworkUsageDescription": (
            "screenpop asks the contact servers and relays that you set up."
        ),
        # Qt has dark and light of its own.
        "NSRequiresAquaSystemAppearance": False,
    }


def signing_identity() -> str | None:
    """Who signs, as ``codesign`` knows them; None for a signature of nobody's."""
    return os.environ.get(IDENTITY_VARIABLE) or None
