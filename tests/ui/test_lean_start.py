"""What the start of the windows must not drag in."""

from __future__ import annotations

import os
import subprocess
import sys

_BEFORE_THE_ICON = """
import sys
import screenpop.ui.gui
from screenpop.ui.lean_qt import import_qt
import_qt()
import linecache
import screenpop.ui.desk
print(len(linecache.cache), *sorted({"asyncio", "screenpop.services.events"} & set(
    sys.modules)))
"""


def test_the_tray_icon_waits_for_no_sources_services_or_event_loop() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _BEFORE_THE_ICON],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["0"]
