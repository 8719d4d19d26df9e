"""Where a recording is saved: the question, and what is said afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from PySide6.QtWidgets import QWidget

    from screenpop.providers.abilities import Sound


def ask_where(
    parent: QWidget, sound: Sound, started_at: datetime, chosen: Callable[[Path], None]
) -> None:
    """Ask for a file and hand it to ``chosen``; nothing happens when nobody says."""
    from screenpop.services.vendor_calls import file_ending

    ending = file_ending(sound)
    dialog = QFileDialog(parent, tr("Save recording"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(ending.removeprefix("."))
    moment = f"{started_at.astimezone():%Y-%m-%d %H.%M}"
    dialog.selectFile(f"{tr('call')} {moment}{ending}")
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def saved_text(path: Path, size: int) -> str:
    """What is said of a recording that was written, ``size`` in bytes."""
    kib = max(1, round(size / 1024))
    return tr("Recording saved as {name} ({size} KiB)", name=path.name, size=kib)
