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
    assert _run(_BEFORE_THE_ICON).split() == ["0"]


_CALLED_WRONGLY = """
import sys
from screenpop.ui.lean_qt import import_qt
import_qt()
from PySide6.QtCore import QObject
described = [name for name, module in sys.modules.items()
             if name.startswith("shibokensupport.") and "typing" in vars(module)]
print(*described, *sorted({"argparse"} & set(sys.modules)))
try:
    QObject().setObjectName(3, 4)
except TypeError as error:
    print(error)
try:
    QObject().startTimer("soon")
except TypeError as error:
    print(error)
print(QObject.setObjectName.__doc__)
"""


def test_what_describes_qts_functions_is_read_when_one_is_called_wrongly() -> None:
    described, *said = _run(_CALLED_WRONGLY).splitlines()
    assert described == "shibokensupport.signature.mapping"
    assert "takes exactly one argument (2 given)" in said[0]
    assert "called with wrong argument types" in said[1]
    assert any("interval: int" in line for line in said)
    assert said[-1].startswith("setObjectName(self, name: ")


_IDLE = """
import gc, sys, tempfile
from pathlib import Path
from screenpop.ui.lean_qt import import_qt
import_qt()
from PySide6.QtWidgets import QApplication
from screenpop.config.paths import Paths
from screenpop.config.secrets import MemorySecretStore
from screenpop.ui.gui import run_app

# Each is large, or brings what is, and waits for somebody to ask for it.
for_later = {
    "argparse", "csv", "email", "httpx", "logging.handlers", "pickle", "platform",
    "screenpop.services.accounts", "screenpop.services.contact_book",
    "screenpop.services.dial_desk", "screenpop.services.preferences",
    "screenpop.services.updates", "nacl",
    "screenpop.store.contact_import", "urllib.request", "uuid",
}

async def idle(services, desk):
    desk.cards.pool.fill_now()
    kinds = {kind.__qualname__ for kind in gc.get_objects() if isinstance(kind, type)}
    print("large:", *sorted({"QStyle", "QGradient", "QHeaderView"} & kinds))
    print("early:", *sorted(for_later & set(sys.modules)))
    print("styled:", bool(QApplication.instance().styleSheet()))
    desk.tray.menu.aboutToShow.emit()
    desk.open_window("dialer")
    print("styled:", bool(QApplication.instance().styleSheet()))

with tempfile.TemporaryDirectory() as home:
    paths = Paths.under(Path(home))
    paths.ensure()
    run_app(paths, is_login_start=True, secrets=MemorySecretStore(), companion=idle)
modules = set(sys.modules)
print(*sorted(name for name in modules if name.startswith("PySide6.Qt")))
"""


def test_an_idle_app_has_no_more_than_it_shows() -> None:
    large, early, idle, with_windows, modules = _run(_IDLE).splitlines()
    # Classes of some hundred names each.
    assert (large, early) == ("large:", "early:")
    assert (idle, with_windows) == ("styled: False", "styled: True")
    assert modules == "PySide6.QtCore PySide6.QtGui PySide6.QtWidgets"


def _run(program: str) -> str:
    # What counts the lines that run loads modules of its own.
    kept = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**kept, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
