"""The page of lines, on a real settings file, by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel

from screenpop.config.card_settings import LineSettings
from screenpop.config.settings_file import LoadedSettings, SettingsFile
from screenpop.desktop.autostart import login_item
from screenpop.desktop.url_scheme import scheme_handler
from screenpop.services.preferences import Preferences
from screenpop.ui.settings.line_editor import LineEditor
from screenpop.ui.settings.lines_page import LinesPage
from screenpop.ui.settings.search_index import findables, search
from screenpop.ui.theme import Theme
from screenpop.ui.widgets.fields import Labelled
from tests.ui.past_calls import entry
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from screenpop.services.call_history import LogEntry

SALES = LineSettings(line="+442079460100", name="Sales UK", color="teal")


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "config.toml", [tmp_path / "site.toml"])


async def latest() -> tuple[LogEntry, ...]:
    texts = ("Sales · 020 7946 0100", "Support", "Support", "")
    return tuple(entry(at, line_text=text) for at, text in enumerate(texts))


@pytest.fixture
async def page(qapp: QApplication, file: SettingsFile) -> AsyncIterator[LinesPage]:
    read: list[LoadedSettings] = [file.load()]
    preferences = Preferences(
        file=file,
        loaded=lambda: read[-1],
        reload=lambda: read.append(file.load()),
        login=lambda: login_item(["screenpop"]),
        links=lambda: scheme_handler(["screenpop"]),
    )
    page = LinesPage(Theme(qapp, "light"), preferences, latest)
    page.show()
    page.load()
    await page.tasks.idle()
    yield page
    page.close_tasks()
    page.close()
    page.deleteLater()
    QApplication.processEvents()


def _editor(page: LinesPage) -> LineEditor:
    return next(one for one in page.findChildren(LineEditor) if one.isVisible())


def _rows(page: LinesPage) -> list[tuple[str, str]]:
    return [(row.title, row.details) for row in page.list.rows_model.rows]


async def test_a_line_that_was_called_is_given_name_colour_and_greeting(
    page: LinesPage, file: SettingsFile
) -> None:
    page.add_button.click()
    editor = _editor(page)
    offered = [editor.called.itemText(at) for at in range(editor.called.count())]
    assert offered == ["Another line", "Sales · 020 7946 0100", "Support"]
    editor.called.setCurrentIndex(1)
    assert editor.line.text() == "020 7946 0100"
    QTest.keyClicks(editor.name, "Sales UK")
    editor.color.choose("teal")
    QTest.keyClicks(editor.greeting, "x" * 201)
    QTest.keyClick(editor.greeting, Qt.Key.Key_Return)
    await shown(lambda: "200 characters" in editor.message.text, "the refusal")
    editor.greeting.setText("Good morning, Example Sales")
    editor.sound.choose("chime")
    QTest.keyClick(editor.greeting, Qt.Key.Key_Return)
    await shown(lambda: _rows(page), "the line")
    told = "020 7946 0100 · Teal · Chime · “Good morning, Example Sales”"
    assert _rows(page) == [("Sales UK", told)]
    (line,) = file.load().settings.lines
    assert (line.line, line.color, line.sound) == ("020 7946 0100", "teal", "chime")


async def test_a_line_is_changed_with_enter_and_taken_off(
    page: LinesPage, file: SettingsFile
) -> None:
    await page._lines.change_line(None, SALES)
    page.refresh()
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    editor = _editor(page)
    assert editor.settings() == SALES
    editor.sound.choose("file")
    editor.file.setText("/nowhere/bell.wav")
    editor.listen_button.click()
    await shown(lambda: editor.message.text, "that there is no such file")
    editor.line.clear()
    editor.save_button.click()
    assert "Say which line" in editor.message.text
    editor.line.setText("104")
    editor.save_button.click()
    await shown(lambda: _rows(page) == [("Sales UK", "104 · Teal · bell.wav")], "it")

    page.remove_button.click()
    sheet = next(one for one in page.findChildren(QDialog) if one.isVisible())
    sheet.findChildren(type(page.remove_button))[-1].click()
    await shown(lambda: _rows(page) == [], "the empty list")
    assert file.load().settings.lines == ()


async def test_every_field_has_a_label_and_the_page_is_found(page: LinesPage) -> None:
    for text in ("ring tone", "greeting", "line"):
        index = list(findables("lines", "Lines", page))
        assert page.add_button in [one.widget for one in search(index, text)]
    page.add_button.click()
    editor = _editor(page)
    for part in editor.findChildren(Labelled):
        label = part.findChild(QLabel)
        assert label is not None
        buddy = label.buddy()
        assert buddy is not None
        assert buddy.accessibleName() == label.text()
    editor.reject()


async def test_what_an_administrator_locked_is_shown_and_stays(
    page: LinesPage, file: SettingsFile, tmp_path: Path
) -> None:
    (tmp_path / "site.toml").write_text(
        '[policy]\nlocked = ["lines"]\nadministrator = "the help desk"\n'
        '[[lines]]\nline = "104"\nname = "Front desk"\n',
        "utf-8",
    )
    page._lines._reload()  # type: ignore[attr-defined]
    page.load()
    assert _rows(page) == [("Front desk", "104")]
    assert page._lock_note.text.text() == "Set by the help desk."
    buttons = (page.add_button, page.change_button, page.remove_button)
    assert not any(button.isEnabled() for button in buttons)
    page.list.activated.emit(page.list.currentIndex())
    assert not any(one.isVisible() for one in page.findChildren(LineEditor))
