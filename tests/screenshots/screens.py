"""Every picture there is: to add one, add a line to `SCREENS`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QTableView, QWidget

from screenpop.domain.contacts import Mark
from screenpop.domain.privacy import Secret
from screenpop.services.source_setup import SourceDraft
from screenpop.simulator import demo_story
from screenpop.ui.dialer.pane import DialerPane
from screenpop.ui.popup.card import Card
from screenpop.ui.popup.card_parts import ActionKind
from screenpop.ui.settings.window import SettingsWindow
from tests.screenshots.stage import SHARED_NUMBER, UNKNOWN_NUMBER
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.screenshots.stage import Stage

Show = Callable[["Stage"], Awaitable[list[QWidget]]]

# Reserved for fiction by Ofcom.
_SPAM_NUMBER: Final = "+442079460777"
_PRIVATE_NUMBER: Final = "+447700900412"
_SOURCES: Final = (
    SourceDraft(
        source_id="staff",
        kind="ldap",
        fields={
            "label": "Company directory",
            "server": "ldaps://directory.example.com",
            "base_dn": "ou=people,dc=example,dc=com",
        },
    ),
    SourceDraft(
        source_id="crm",
        kind="hubspot",
        fields={"label": "Sales CRM"},
        secrets={"key": Secret("pat-example")},
    ),
    SourceDraft(
        source_id="orders",
        kind="rest",
        fields={
            "label": "Orders",
            "base_url": "https://orders.example.com",
            "path": "/customers?phone={e164}",
            "number_paths": "phone",
        },
    ),
)
_NOTE: Final = "Takes two hundred frames, delivery on the first of May"


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture.

    Attributes:
        name: Of the file, without scheme and ending.
        show: Brings it onto the screen; returns the windows to be seen.
        is_dense_too: Also taken at 200 %.
    """

    name: str
    show: Show
    is_dense_too: bool = False


async def _known(stage: Stage) -> list[QWidget]:
    return [await stage.ring(_number_of("Nora Whitfield"))]


async def _unknown(stage: Stage) -> list[QWidget]:
    return [await stage.ring(UNKNOWN_NUMBER, line=1)]


async def _options(stage: Stage) -> list[QWidget]:
    card = await stage.ring(UNKNOWN_NUMBER, line=1)
    assert isinstance(card, Card)
    card.toggle_more()
    return [card]


async def _opening(stage: Stage) -> list[QWidget]:
    settings = stage.desk._open_windows.settings
    window = await stage.window_of(lambda: settings.open_page("opening"))
    # Typed, not kept: the cards of the other pictures have nothing to open.
    lines = {one.accessibleName(): one for one in window.findChildren(QLineEdit)}
    lines["Address to open"].setText("https://crm.example.com/search?phone={e164}")
    return [window]


async def _sources(stage: Stage) -> list[QWidget]:
    await stage.has_sources(*_SOURCES)
    settings = stage.desk._open_windows.settings
    window = await stage.window_of(lambda: settings.open_page("sources"))
    await eventually(lambda: "Company directory" in _texts(window), "the sources")
    return [window]


async def _marks(stage: Stage) -> list[QWidget]:
    await stage.has_mark(_SPAM_NUMBER, Mark.SPAM)
    await stage.has_mark(_PRIVATE_NUMBER, Mark.PRIVATE)
    settings = stage.desk._open_windows.settings
    window = await stage.window_of(lambda: settings.open_page("marks"))
    await eventually(lambda: "7946 0777" in _texts(window), "the marks")
    return [window]


async def _several(stage: Stage) -> list[QWidget]:
    card = await stage.ring(SHARED_NUMBER)
    assert isinstance(card, Card)
    card.toggle_people()
    return [card]


async def _note(stage: Stage) -> list[QWidget]:
    card = await stage.ring(_number_of("Tomás Rivera"), answered=True)
    assert isinstance(card, Card)
    card.open_note()
    card.note.setPlainText(_NOTE)
    card.note.moveCursor(QTextCursor.MoveOperation.End)
    return [card]


async def _later(stage: Stage) -> list[QWidget]:
    card = await stage.ring(_number_of("Nora Whitfield"), answered=True)
    assert isinstance(card, Card)
    card.act(ActionKind.LATER)
    return [card]


async def _wrap_up(stage: Stage) -> list[QWidget]:
    await stage.has_dispositions(
        "Order, Question answered, To be called back, Wrong number"
    )
    card = await stage.ring(_number_of("Tomás Rivera"), answered=True)
    assert isinstance(card, Card)
    await stage.hang_up()
    await eventually(lambda: card.is_asking, "the question")
    return [card]


async def _dialer(stage: Stage) -> list[QWidget]:
    window = await stage.window_of(stage.desk.open_dialer)
    boxes = [box for box in window.findChildren(QLineEdit) if box.isVisible()]
    QTest.keyClicks(boxes[0], "riv")
    await eventually(lambda: "Rivera" in _texts(window), "the search")
    return [window]


async def _favourites(stage: Stage) -> list[QWidget]:
    (window,) = await _dialer(stage)
    assert isinstance(window, DialerPane)
    if window.star.text() != "Kept":
        window.star.click()
        await eventually(lambda: window.star.text() == "Kept", "the favourite")
    for _letter in "riv":
        QTest.keyClick(window.box, Qt.Key.Key_Backspace)
    await eventually(lambda: "Priya" in _texts(window), "the favourites")
    return [window]


async def _settings_search(stage: Stage) -> list[QWidget]:
    settings = stage.desk._open_windows.settings
    window = await stage.window_of(lambda: settings.open_page("hotkeys"))
    assert isinstance(window, SettingsWindow)
    QTest.keyClicks(window.search.field, "autostart")
    QTest.keyClick(window.search.field, Qt.Key.Key_Return)
    return [window]


async def _call_log(stage: Stage) -> list[QWidget]:
    window = await stage.window_of(stage.desk.open_call_log)
    calls = next(view for view in window.findChildren(QTableView) if view.isVisible())
    await eventually(lambda: _row_of(calls, "Nora") is not None, "the calls")
    calls.selectRow(_row_of(calls, "Nora") or 0)
    return [window]


async def _account(stage: Stage) -> list[QWidget]:
    return [await stage.window_of(lambda: stage.desk.open_account("office"))]


async def _tray_menu(stage: Stage) -> list[QWidget]:
    menu = stage.desk.tray.menu
    middle = menu.screen().geometry().center()
    return [await stage.window_of(lambda: menu.popup(middle / 2))]


def _row_of(calls: QTableView, name: str) -> int | None:
    model = calls.model()
    rows = range(model.rowCount())
    return next((row for row in rows if name in str(model.index(row, 0).data())), None)


def _texts(window: QWidget) -> str:
    """What the lists of the window hold."""
    models = [view.model() for view in window.findChildren(QAbstractItemView)]
    return "\n".join(
        str(model.index(row, 0).data())
        for model in models
        for row in range(model.rowCount())
    )


def _number_of(name: str) -> str:
    people = demo_story("voxloud").people
    return next(one.number for one in people if one.name == name)


# Windows first: the calls of the cards would stand in them.
SCREENS: Final = (
    Screen("tray-menu", _tray_menu),
    Screen("call-log", _call_log),
    Screen("account", _account),
    Screen("opening", _opening),
    Screen("sources", _sources),
    Screen("marks", _marks),
    Screen("dialer", _dialer),
    Screen("dialer-favourites", _favourites),
    Screen("settings-search", _settings_search),
    Screen("card-known", _known, is_dense_too=True),
    Screen("card-unknown", _unknown),
    Screen("card-options", _options),
    Screen("card-several", _several),
    Screen("card-note", _note),
    Screen("card-later", _later),
    Screen("card-wrap-up", _wrap_up),
)
