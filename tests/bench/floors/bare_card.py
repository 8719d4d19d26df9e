"""Floor of the card: one ready window, re-shown by a POST to the same event loop.

    python -m tests.bench.floors.bare_card [--unmanaged]

The least a card can be: a window that the window manager manages, as a plain program's
is (with ``--unmanaged`` one that it does not, like the program's own card), made and
painted once beforehand, as large, with four labels and three buttons (the program's has
seven labels and seven buttons, which is part of what the ratio tells). The app's event
loop serves it through a bare protocol that only looks for the end of a request. ``POST
/show`` sets the texts and shows it, ``POST /hide`` hides it. No journal, no look-up, no
parsing, no checks. Prints the port and each first paint like the probed program.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.event_loop import Loop
from screenpop.ui.popup.face import HEIGHT_PX, WIDTH_PX

_ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
_FLAGS = (
    Qt.WindowType.Tool
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
)
_UNMANAGED = Qt.WindowType.BypassWindowManagerHint


def say(**facts: object) -> None:
    os.write(1, (json.dumps(facts) + "\n").encode())


class BareCard(QWidget):
    """Four labels, three buttons."""

    def __init__(self, *, is_managed: bool) -> None:
        super().__init__(None, _FLAGS if is_managed else _FLAGS | _UNMANAGED)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.labels = [QLabel("…", self) for _ in range(4)]
        row = QHBoxLayout()
        for text in ("Open", "Copy", "Note"):
            row.addWidget(QPushButton(text, self))
        column = QVBoxLayout(self)
        for label in self.labels:
            column.addWidget(label)
        column.addLayout(row)
        self.setGeometry(872, 616, WIDTH_PX, HEIGHT_PX)

    def show_call(self, text: str) -> None:
        for label in self.labels:
            label.setText(text)
        self.show()
        self.raise_()


class PaintWatch(QObject):
    """The program's own watch, without titles."""

    def __init__(self, card: BareCard) -> None:
        super().__init__()
        self._card = card
        self._is_told = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self._card:
            if event.type() is QEvent.Type.Show:
                self._is_told = False
            elif event.type() is QEvent.Type.Paint and not self._is_told:
                self._is_told = True
                QTimer.singleShot(
                    0, lambda: say(painted={"at": time.monotonic(), "title": ""})
                )
        return False


class Hook(asyncio.Protocol):
    """One request a connection."""

    def __init__(self, card: BareCard) -> None:
        self._card = card
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or not body:
            return
        if head.startswith(b"POST /hide"):
            self._card.hide()
        else:
            self._card.show_call(f"call at {time.monotonic():.6f}")
        self._transport.write(_ANSWER)
        self._transport.close()


async def serve(card: BareCard) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: Hook(card), "127.0.0.1", 0
    )
    say(port=server.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


def main() -> int:
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    card = BareCard(is_managed="--unmanaged" not in sys.argv)
    card.show_call("warm")
    card.repaint()
    card.hide()
    watch = PaintWatch(card)
    card.installEventFilter(watch)
    with Loop(app) as loop:
        loop.run_until_complete(serve(card))
    return 0


if __name__ == "__main__":
    sys.exit(main())
