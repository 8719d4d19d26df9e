"""The tray tells the truth, in words of ours, and waits for a tray to be there."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractButton

from screenpop.domain.calls import CallRef
from screenpop.domain.events import Direction
from screenpop.services.events import (
    AccountState,
    NoticeLevel,
    SourceState,
    UserNotice,
)
from screenpop.services.quietness import FOR_GOOD, Quiet, QuietReason
from screenpop.ui.theme import Theme
from screenpop.ui.tray import Tray
from screenpop.ui.tray_icon import tray_pixmap
from screenpop.ui.tray_view import RecentCall, TrayState, TrayView
from screenpop.ui.tray_window import TrayWindow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

NOW = datetime(2026, 11, 14, 9, 30, tzinfo=UTC)


@dataclass
class TrayActionsTaken:
    """What was asked for, in order."""

    asked: list[str] = field(default_factory=list)
    recent: list[RecentCall] = field(default_factory=list)
    has_card: bool = False
    is_moved: bool = False
    has_messages: bool = False
    update: str = ""

    def open_dialer(self) -> None:
        self.asked.append("dialer")

    def recent_calls(self) -> Sequence[RecentCall]:
        return self.recent

    def show_call(self, ref: CallRef) -> None:
        self.asked.append(f"call {ref.call_id}")

    def show_last_card(self) -> None:
        self.asked.append("last card")

    def has_last_card(self) -> bool:
        return self.has_card

    def are_cards_moved(self) -> bool:
        return self.is_moved

    def move_cards_back(self) -> None:
        self.asked.append("back to the corner")

    def focus_card(self) -> None:
        self.asked.append("focus card")

    def show_notice(self, notice: UserNotice) -> None:
        self.asked.append(f"notice {notice.title}")

    def open_missed_calls(self) -> None:
        self.asked.append("missed")

    def open_call_log(self) -> None:
        self.asked.append("log")

    def has_voicemail(self) -> bool:
        return self.has_messages

    def open_voicemail(self) -> None:
        self.asked.append("voicemail")

    def quiet_for(self, minutes: int) -> None:
        self.asked.append(f"quiet {minutes}")

    def quiet_until_tomorrow(self) -> None:
        self.asked.append("quiet until tomorrow")

    def quiet_for_good(self) -> None:
        self.asked.append("quiet for good")

    def open_quiet(self) -> None:
        self.asked.append("quiet settings")

    def end_quiet(self) -> None:
        self.asked.append("end quiet")

    def open_account(self, account_id: str) -> None:
        self.asked.append(f"account {account_id}")

    def open_settings(self) -> None:
        self.asked.append("settings")

    def update_version(self) -> str:
        return self.update

    def open_updates(self) -> None:
        self.asked.append("updates")

    def quit(self) -> None:
        self.asked.append("quit")


def account(
    account_id: str, state: SourceState = SourceState.LIVE, label: str = ""
) -> AccountState:
    return AccountState(
        account_id=account_id,
        label=label or account_id.title(),
        state=state,
        headline="Listening",
    )


def view(*accounts: AccountState, missed: int = 0) -> TrayView:
    return TrayView({one.account_id: one for one in accounts}, missed)


@pytest.fixture
def actions() -> TrayActionsTaken:
    return TrayActionsTaken()


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    yield theme
    theme.deleteLater()


@pytest.fixture
def tray(theme: Theme, actions: TrayActionsTaken) -> Iterator[Tray]:
    tray = Tray(
        theme, actions, is_available=lambda: False, clock=lambda: NOW, look_ms=5
    )
    yield tray
    tray.stop()


# --- what it says -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "icon", "tooltip"),
    [
        (SourceState.LIVE, TrayState.LIVE, "listening on 1 account"),
        (
            SourceState.POLLING,
            TrayState.POLLING,
            "calls are seen only after they end",
        ),
        (SourceState.WAITING, TrayState.WAITING, "waiting for the first call"),
        (SourceState.RECONNECTING, TrayState.RECONNECTING, "reconnecting"),
        (SourceState.NEEDS_KEY, TrayState.NEEDS_KEY, "an account needs its key"),
        (SourceState.REFUSED, TrayState.BROKEN, "no calls are received"),
        (SourceState.BROKEN, TrayState.BROKEN, "no calls are received"),
        (SourceState.STARTING, TrayState.STARTING, "connecting"),
        (SourceState.OFF, TrayState.EMPTY, "no account is set up yet"),
    ],
)
def test_each_state_has_its_icon_and_its_words(
    state: SourceState, icon: TrayState, tooltip: str
) -> None:
    shown = view(account("acme", state))
    assert shown.state() is icon
    assert shown.tooltip(NOW) == f"screenpop: {tooltip}"


def test_the_tool_tip_counts_accounts_and_missed_calls() -> None:
    two = view(account("a"), account("b"), missed=1)
    assert two.tooltip(NOW) == "screenpop: listening on 2 accounts, 1 missed call"
    two.missed_count = 3
    assert two.tooltip(NOW) == "screenpop: listening on 2 accounts, 3 missed calls"


def test_one_account_in_trouble_shows_although_another_listens() -> None:
    shown = view(account("a"), account("b", SourceState.NEEDS_KEY))
    assert shown.state() is TrayState.NEEDS_KEY
    assert shown.tooltip(NOW) == "screenpop: listening on 1 of 2 accounts"


def test_quiet_says_until_when() -> None:
    shown = view(account("a"))
    until = NOW + timedelta(hours=1)
    shown.quiet = Quiet("tray", QuietReason.BY_HAND, until)
    time = f"{until.astimezone():%H:%M}"
    assert shown.state() is TrayState.QUIET
    assert shown.tooltip(NOW) == f"screenpop: quiet until {time}"
    shown.quiet = Quiet("tray", QuietReason.BY_HAND, NOW + timedelta(days=1))
    assert f"quiet until tomorrow, {NOW.astimezone():%H:%M}" in shown.tooltip(NOW)
    shown.quiet = Quiet("tray", QuietReason.BY_HAND, FOR_GOOD)
    assert shown.tooltip(NOW) == "screenpop: quiet until you end it"
    shown.quiet = Quiet("tray", QuietReason.FOCUS_MODE)
    assert shown.tooltip(NOW) == "screenpop: quiet while do not disturb is on"


def test_cards_without_names_or_sound_are_told_beside_the_state() -> None:
    shown = view(account("a"))
    shown.quiet = Quiet("name", QuietReason.SHARING)
    assert shown.state() is TrayState.LIVE
    told = "screenpop: listening on 1 account, names hidden while the screen is shared"
    assert shown.tooltip(NOW) == told
    shown.quiet = Quiet("silent", QuietReason.TIME, NOW + timedelta(hours=1))
    time = f"{(NOW + timedelta(hours=1)).astimezone():%H:%M}"
    assert shown.tooltip(NOW).endswith(f", no sound until {time}")


def test_no_foreign_text_is_in_the_tool_tip() -> None:
    shown = view(account("a", label="<b>Acme</b>"))
    assert "Acme" not in shown.tooltip(NOW)


@pytest.mark.parametrize("size", [16, 22, 48])
def test_each_state_has_a_shape_of_its_own(qapp: QApplication, size: int) -> None:
    shapes = set()
    for state in TrayState:
        image = tray_pixmap(state, 0, size).toImage()
        grey = image.convertToFormat(image.Format.Format_Grayscale8)
        # Lines of grey bytes end in padding that may hold anything.
        whole = grey.convertToFormat(image.Format.Format_RGB32)
        shapes.add(bytes(whole.constBits()))
    # Nothing set up and not yet connected are the same thing to see: not listening.
    assert len(shapes) == len(TrayState) - 1


def test_missed_calls_are_counted_on_the_icon(qapp: QApplication) -> None:
    pictures = {
        bytes(tray_pixmap(TrayState.LIVE, count, 32).toImage().constBits())
        for count in (0, 1, 2, 9, 10)
    }
    assert len(pictures) == 5


# --- the menu -----------------------------------------------------------------------


def texts(tray: Tray) -> list[str]:
    tray.menu.aboutToShow.emit()
    return [action.text() for action in tray.menu.actions() if action.text()]


def icons(tray: Tray) -> list[bool]:
    return [not one.icon().isNull() for one in tray.menu.actions() if one.text()]


def test_the_menu_is_there_before_it_is_opened_and_gets_its_icons_then(
    qtbot: QtBot, tray: Tray
) -> None:
    tray.start()
    # Some desktops do not open what is empty.
    qtbot.waitUntil(lambda: bool(tray.menu.actions()))
    prepared = [action.text() for action in tray.menu.actions() if action.text()]
    assert not any(icons(tray))
    assert prepared == texts(tray)
    assert all(icons(tray))


def test_the_menu_has_everything_the_program_does(tray: Tray) -> None:
    tray.set_account(account("acme", label="Acme & Sons"))
    tray.set_missed(2)
    assert texts(tray) == [
        "Dial…",
        "Missed calls (2)",
        "Call log",
        "Quiet for an hour",
        "Quiet until tomorrow",
        "Quiet until I end it",
        "Acme && Sons: Listening",
        "Settings…",
        "Quit",
    ]


def test_cards_that_were_moved_can_be_put_back(
    tray: Tray, actions: TrayActionsTaken
) -> None:
    actions.is_moved = True
    wanted = "Put the cards back in their corner"
    assert wanted in texts(tray)
    next(one for one in tray.menu.actions() if one.text() == wanted).trigger()
    assert actions.asked == ["back to the corner"]


def test_a_version_that_waits_is_one_line_of_the_menu_and_no_more(
    tray: Tray, actions: TrayActionsTaken
) -> None:
    actions.update = "0.2.0"
    wanted = "Update to 0.2.0…"
    assert texts(tray)[-3:] == [wanted, "Settings…", "Quit"]
    next(one for one in tray.menu.actions() if one.text() == wanted).trigger()
    assert actions.asked == ["updates"]


def test_the_menu_lists_the_last_five_calls_as_plain_text(
    tray: Tray, actions: TrayActionsTaken
) -> None:
    actions.recent = [
        RecentCall(
            ref=CallRef("acme", str(number)),
            title=f"<b>Caller</b> & {number}\n",
            direction=Direction.INBOUND,
            started_at=NOW - timedelta(minutes=12),
            is_missed=number == 1,
        )
        for number in range(7)
    ]
    listed = texts(tray)[1:6]
    assert listed[0] == "<b>Caller</b> && 0, 12 min ago"
    assert len([text for text in texts(tray) if "Caller" in text]) == 5


def test_every_entry_asks_for_what_it_says(
    tray: Tray, actions: TrayActionsTaken
) -> None:
    actions.recent = [
        RecentCall(
            ref=CallRef("acme", "7"),
            title="Ana",
            direction=Direction.OUTBOUND,
            started_at=NOW,
        )
    ]
    tray.set_account(account("acme"))
    texts(tray)
    for action in tray.menu.actions():
        action.trigger()
    assert actions.asked == [
        "dialer",
        "call 7",
        "missed",
        "log",
        "quiet 60",
        "quiet until tomorrow",
        "quiet for good",
        "account acme",
        "settings",
        "quit",
    ]


def test_while_quiet_the_menu_ends_it(tray: Tray, actions: TrayActionsTaken) -> None:
    until = NOW + timedelta(hours=1)
    tray.set_quiet(Quiet("tray", QuietReason.BY_HAND, until))
    assert "Show cards again" in texts(tray)
    assert f"Quiet until {until.astimezone():%H:%M}" in texts(tray)
    assert "Quiet for an hour" not in texts(tray)


def test_a_quiet_that_the_desktop_wants_is_explained_and_can_be_made_longer(
    tray: Tray,
) -> None:
    tray.set_quiet(Quiet("tray", QuietReason.FOCUS_MODE))
    assert "Quiet while do not disturb is on" in texts(tray)
    assert "Show cards again" not in texts(tray)
    assert "Quiet until I end it" in texts(tray)


def test_an_account_that_is_removed_is_not_mentioned_any_more(tray: Tray) -> None:
    tray.set_account(account("acme"))
    tray.remove_account("acme")
    assert tray.tooltip() == "screenpop: no account is set up yet"


# --- a tray that comes late, or never -----------------------------------------------


@pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface")
def test_a_tray_that_comes_late_is_found_and_looking_ends(
    qtbot: QtBot, theme: Theme, actions: TrayActionsTaken
) -> None:
    there = [False, False, True]
    tray = Tray(
        theme,
        actions,
        is_available=lambda: there.pop(0) if there else True,
        look_ms=1,
    )
    with qtbot.waitSignal(tray.tray_found):
        tray.start()
    assert tray.is_shown
    assert not tray.is_looking
    tray.stop()


def test_a_missing_tray_is_told_once_and_still_looked_for(
    qtbot: QtBot, tray: Tray
) -> None:
    told: list[bool] = []
    tray.tray_missing.connect(lambda: told.append(True))
    with qtbot.waitSignal(tray.tray_missing):
        tray.start()
    assert told == [True]
    assert tray.is_looking
    assert tray._look.interval() == 60_000


def test_without_a_tray_a_notice_waits_in_the_window(
    theme: Theme, tray: Tray, actions: TrayActionsTaken
) -> None:
    window = TrayWindow(theme, tray, actions)
    assert not tray.notify(UserNotice(NoticeLevel.INFO, "While you were away"))
    assert not tray.notify(UserNotice(NoticeLevel.ERROR, "The port is taken", "End it"))
    assert window.message.text == "The port is taken End it"
    close = next(
        one
        for one in window.findChildren(QAbstractButton)
        if one.accessibleName() == "Dismiss"
    )
    close.click()
    assert window.message.text == "While you were away"
    close.click()
    assert window.message.isHidden()
    window.deleteLater()


def test_a_notice_replaces_the_one_of_the_same_key(tray: Tray) -> None:
    for text in ("Old", "New"):
        tray.notify(UserNotice(NoticeLevel.WARNING, text, key="listener"))
    assert [text for _notice, text in tray.view.notice_lines()] == ["New"]
    for number in range(9):
        tray.notify(UserNotice(NoticeLevel.WARNING, f"Notice {number}"))
    assert len(tray.view.notice_lines()) == 5


def test_the_menu_lists_what_nobody_has_looked_at(
    tray: Tray, actions: TrayActionsTaken
) -> None:
    tray.notify(UserNotice(NoticeLevel.ERROR, "The port is taken"))
    assert "The port is taken" in texts(tray)
    next(one for one in tray.menu.actions() if "port" in one.text()).trigger()
    assert actions.asked == ["notice The port is taken"]
    assert "The port is taken" not in texts(tray)


def test_the_menu_leads_to_the_last_card_by_the_keyboard(
    tray: Tray, actions: TrayActionsTaken
) -> None:
    assert "Go to the last card" not in texts(tray)
    actions.has_card = True
    assert "Go to the last card" in texts(tray)
    next(one for one in tray.menu.actions() if "card" in one.text()).trigger()
    assert actions.asked == ["focus card"]


@pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface")
def test_a_notification_leads_to_the_whole_notice(
    theme: Theme, actions: TrayActionsTaken
) -> None:
    tray = Tray(theme, actions, is_available=lambda: True)
    tray.start()
    assert tray.notify(UserNotice(NoticeLevel.INFO, "While you were away"))
    assert tray.view.notice_lines() == ()
    assert tray._icon is not None
    tray._icon.messageClicked.emit()
    assert actions.asked == ["notice While you were away"]
    tray.stop()


def test_the_window_in_place_of_a_tray_says_and_opens_the_same(
    qtbot: QtBot, theme: Theme, tray: Tray, actions: TrayActionsTaken
) -> None:
    window = TrayWindow(theme, tray, actions)
    tray.set_account(account("acme"))
    assert window.status.text() == "screenpop: listening on 1 account"
    for button in window.buttons:
        button.click()
    assert actions.asked == ["dialer", "missed", "log", "settings", "quit"]
    assert window.more.menu() is tray.menu
    tray.set_missed(2)
    assert window.buttons[1].text() == "Missed calls (2)"
    assert window.cards_again.isHidden()
    tray.set_quiet(Quiet("tray", QuietReason.BY_HAND, FOR_GOOD))
    assert not window.cards_again.isHidden()
    window.cards_again.click()
    assert actions.asked[-1] == "end quiet"
    # The keyboard goes through the buttons as the eye does.
    buttons = [window.cards_again, *window.buttons[:-1], window.more]
    for above, below in itertools.pairwise([*buttons, window.buttons[-1]]):
        assert above.nextInFocusChain() is below
    window.deleteLater()


def test_an_account_named_after_its_vendor_is_not_named_twice() -> None:
    refused = replace(account("v", label="Voxloud"), headline="Voxloud is down")
    ((_id, text),) = view(refused).account_lines()
    assert text == "Voxloud is down"


def test_messages_are_in_the_menu_where_somebody_keeps_them(
    tray: Tray, actions: TrayActionsTaken
) -> None:
    tray.menu.build()
    assert not any("Voicemail" in one.text() for one in tray.menu.actions())
    actions.has_messages = True
    tray.set_messages(2)
    tray.menu.build()
    entry = next(one for one in tray.menu.actions() if "Voicemail" in one.text())
    assert entry.text() == "Voicemail (2 new)"
    assert tray.tooltip().endswith("2 new messages")
    entry.trigger()
    assert actions.asked == ["voicemail"]


@pytest.mark.parametrize("cards_are_left", [False, True])
def test_the_small_window_stands_away_from_cards_and_from_the_middle(
    theme: Theme, tray: Tray, actions: TrayActionsTaken, cards_are_left: bool
) -> None:
    window = TrayWindow(theme, tray, actions)
    room = window.screen().availableGeometry()
    cards = QRect(0, 0, 80, 60)
    cards.moveBottomRight(room.bottomRight())
    if cards_are_left:
        cards.moveLeft(room.left())
    window.stand_aside(cards)
    place = window.geometry()
    assert room.contains(place)
    assert not place.intersects(cards)
    assert place.center().y() > room.center().y()
    window.deleteLater()
