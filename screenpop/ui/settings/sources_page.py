"""The contact sources: how each is doing, and what can be done with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QStackedWidget

from screenpop.domain.plain_text import plain
from screenpop.domain.privacy import Secret
from screenpop.ui.plain_label import button_text
from screenpop.ui.settings.form import FieldForm, scrolled
from screenpop.ui.settings.form_check import first_problem
from screenpop.ui.settings.kept_fields import LockNote
from screenpop.ui.settings.page import SettingsPage
from screenpop.ui.settings.source_texts import (
    SourceWizardModel,
    open_fields,
    secret_fields,
    state_icon,
    state_text,
    sync_text,
)
from screenpop.ui.settings.source_wizard import SourceWizard
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Labelled, secret_field
from screenpop.ui.widgets.messages import EmptyState
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.window import Sheet, confirm
from screenpop.ui.widgets.wrapping import WrappedRow
from screenpop.ui.wording import joined, reworded, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.domain.form_fields import FormField
    from screenpop.services.source_overview import SourceStanding
    from screenpop.ui.ports import OpenUrl
    from screenpop.ui.setup_ports import SourcesPort
    from screenpop.ui.theme.theme import Theme

_LONGEST = 200


class SourcesPage(SettingsPage):
    """A list of sources, and buttons for the chosen one."""

    def __init__(
        self,
        theme: Theme,
        sources: SourcesPort,
        *,
        taken: Callable[[], set[str]],
        open_url: OpenUrl,
        clock: Callable[[], datetime],
        lock_of: Callable[[str], str] = lambda _place: "",
    ) -> None:
        """Nothing is read before ``load``.

        Args:
            theme: Of the window.
            sources: What there is, and changes it.
            taken: Gives the ids that accounts have.
            open_url: Opens a sign-in page.
            clock: What time it is.
            lock_of: Who locked a setting, as a sentence; "" for nobody.
        """
        super().__init__(
            theme,
            tr("Contact sources"),
            tr(
                "Where screenpop finds out who is calling, besides the contacts "
                "on this computer and those of your phone systems."
            ),
        )
        self._sources = sources
        self._taken = taken
        self._open_url = open_url
        self._clock = clock
        self._lock_of = lock_of
        self._standings: dict[str, SourceStanding] = {}
        self.add_button = TextButton(
            theme, tr("Add a source"), self.add_source, icon="plus"
        )
        self.head.addWidget(self.add_button)
        self.list = RowsView(theme, tr("Contact sources"))
        self.list.selectionModel().selectionChanged.connect(self._chosen_changed)
        self._empty = EmptyState(theme, "people", tr("Loading…"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        self.column.addWidget(self._stack, 1)
        self.column.addLayout(self._build_buttons())
        self.lock_note = LockNote(theme)
        self.column.addWidget(self.lock_note)
        self._chosen_changed()

    def load(self) -> None:
        """Show the sources as they are now."""
        super().load()
        self.add_button.setEnabled(not self._lock_of("sources"))
        self.tasks.start(self._sources.standings(), self._show, slot="load")

    def add_source(self) -> None:
        """Begin to add a source."""
        taken = self._taken() | set(self._standings)
        model = SourceWizardModel(self._sources, taken, self._open_url)
        wizard = SourceWizard(self.theme, self, model)
        wizard.added.connect(self._added)
        wizard.open()

    # --- building --------------------------------------------------------------------

    def _build_buttons(self) -> WrappedRow:
        theme = self.theme
        row = WrappedRow(theme)
        self.check_button = TextButton(theme, tr("Test"), self._check, icon="check")
        self.sync_button = TextButton(theme, tr("Sync now"), self._sync, icon="refresh")
        self.change_button = TextButton(theme, tr("Change"), icon="settings")
        self._menu = QMenu(self.change_button)
        self.change_button.setMenu(self._menu)
        self.switch_button = TextButton(theme, tr("Switch off"), self._switch)
        row.add(self.check_button, self.sync_button)
        row.add(self.change_button, self.switch_button)
        self.remove_button = TextButton(
            theme, tr("Remove…"), self._ask_remove, kind="danger", icon="trash"
        )
        row.end_with(self.remove_button)
        return row

    # --- showing ---------------------------------------------------------------------

    def _show(self, standings: tuple[SourceStanding, ...]) -> None:
        now = self._clock()
        self._standings = {one.source_id: one for one in standings}
        rows = []
        for one in standings:
            icon, role = state_icon(one)
            details = joined(one.kind_name, state_text(one, now))
            rows.append(Row(one.source_id, plain(one.label, 120), details, icon, role))
        self.list.renew(tuple(rows))
        if rows and self.list.chosen is None:
            self.list.choose(0)
        self._empty.say(
            tr("No contact source yet"),
            tr("Add your CRM, your company's directory or your address book."),
        )
        self._stack.setCurrentWidget(self.list if rows else self._empty)
        self._chosen_changed()

    @property
    def chosen(self) -> SourceStanding | None:
        """The source that the buttons are about."""
        row = self.list.chosen
        is_chosen = self.list.selectionModel().hasSelection()
        return self._standings.get(row.key) if row and is_chosen else None

    def _chosen_changed(self) -> None:
        one = self.chosen
        is_on = one is not None and one.is_enabled
        self.check_button.setEnabled(is_on and one is not None and one.can_check)
        self.sync_button.setEnabled(is_on and one is not None and one.is_copied)
        self.change_button.setEnabled(one is not None and one.manifest is not None)
        self.switch_button.setEnabled(one is not None)
        self.switch_button.show_text(
            tr("Switch on") if one and not one.is_enabled else tr("Switch off")
        )
        who = self._lock_of(f"sources.{one.source_id}" if one else "sources")
        self.lock_note.show_lock(self.remove_button, who)
        self.remove_button.setEnabled(one is not None and not who)
        self._offer_changes(one)

    def _offer_changes(self, one: SourceStanding | None) -> None:
        self._menu.clear()
        if one is None or one.manifest is None:
            return
        self._offer(tr("Settings…"), partial(self._ask_settings, one))
        if one.manifest.sign_in is not None:
            self._offer(tr("Sign in again…"), partial(self._sign_in_again, one))
        for each in secret_fields(one.manifest):
            self._offer(
                tr("Replace {what}…", what=reworded(each.label)),
                partial(self._ask_secret, one, each),
            )

    def _offer(self, text: str, do: Callable[[], None]) -> None:
        action = self._menu.addAction(button_text(text))
        action.triggered.connect(lambda _on=False: do())

    # --- what the buttons do ---------------------------------------------------------

    def _check(self) -> None:
        one = self.chosen
        if one is not None:
            self.run(
                self._sources.check(one.source_id),
                lambda said: self.message.say(plain(said, _LONGEST), tone="good"),
            )

    def _sync(self) -> None:
        one = self.chosen
        if one is not None:
            self.run(
                self._sources.sync(one.source_id),
                lambda report: self._done(sync_text(report)),
            )

    def _switch(self) -> None:
        one = self.chosen
        if one is not None:
            work = self._sources.set_enabled(
                one.source_id, is_enabled=not one.is_enabled
            )
            self.run(work, lambda _none: self._done(""))

    def _sign_in_again(self, one: SourceStanding) -> None:
        self.message.say(tr("Sign in in your browser…"))
        self.tasks.start(
            self._sources.sign_in_again(one.source_id, self._open_url),
            lambda _none: self._done(tr("You are signed in.")),
            slot="sign in",
        )

    def _ask_secret(self, one: SourceStanding, field: FormField) -> None:
        sheet = Sheet(
            self.theme, self, tr("Replace {what}", what=reworded(field.label))
        )
        sheet.setMinimumWidth(self.theme.px(400))
        line = secret_field()
        sheet.body.addWidget(
            Labelled(
                self.theme,
                reworded(field.label),
                line,
                help_text=reworded(field.help),
            )
        )
        sheet.add_button(tr("Cancel"), sheet.reject)

        def replace() -> None:
            text = line.text().strip()
            if not text:
                sheet.message.say(
                    tr("{label} is missing.", label=reworded(field.label)), tone="bad"
                )
                return
            save.setEnabled(False)
            sheet.tasks.start(
                self._sources.set_secret(one.source_id, field.key, Secret(text)),
                lambda _none: replaced(),
                finally_=lambda: save.setEnabled(True),
            )

        def replaced() -> None:
            sheet.accept()
            self.load()
            self._check()

        save = sheet.add_button(tr("Replace"), replace, "primary")
        save.setDefault(True)
        line.setFocus()
        sheet.open()

    def _ask_settings(self, one: SourceStanding) -> None:
        if one.manifest is None:
            return
        fields = open_fields(one.manifest)
        sheet = Sheet(self.theme, self, tr("Settings of {name}", name=one.label))
        form = FieldForm(self.theme, fields)
        form.fill({key: value for key, value in one.values.items() if value})
        sheet.body.addWidget(scrolled(form), 1)
        sheet.resize(self.theme.px(460), self.theme.px(560))
        sheet.add_button(tr("Cancel"), sheet.reject)

        def keep() -> None:
            values = {key: text.strip() for key, text in form.values().items()}
            problem = first_problem(fields, values, ())
            if problem:
                sheet.message.say(problem, tone="bad")
                return
            save.setEnabled(False)
            sheet.tasks.start(
                self._sources.change(one.source_id, values),
                lambda _none: kept(),
                finally_=lambda: save.setEnabled(True),
                outlives_window=True,
            )

        def kept() -> None:
            sheet.accept()
            self.load()
            self._check()

        save = sheet.add_button(tr("Save"), keep, "primary")
        save.setDefault(True)
        sheet.open()

    def _ask_remove(self) -> None:
        one = self.chosen
        if one is None:
            return
        confirm(
            self.theme,
            self,
            tr("Remove “{name}”?", name=plain(one.label, 120)),
            tr(
                "Its keys are deleted from your keychain, and the copy of its contacts "
                "from this computer. The source itself is not changed."
            ),
            tr("Remove"),
            lambda: self.run(
                self._sources.remove(one.source_id),
                lambda _none: self._done(tr("The source was removed.")),
            ),
        )

    def _added(self, source_id: str) -> None:
        self._done(tr("The source was added."))
        self._await(source_id)

    def _await(self, source_id: str) -> None:
        """Choose a new source once it is listed."""

        def listed(standings: tuple[SourceStanding, ...]) -> None:
            self._show(standings)
            keys = [one.source_id for one in standings]
            if source_id in keys:
                self.list.choose(keys.index(source_id))

        self.tasks.start(self._sources.standings(), listed, slot="load")

    def _done(self, text: str) -> None:
        if text:
            self.message.say(text, tone="good")
        self.load()
