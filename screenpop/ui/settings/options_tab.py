"""The settings of an account, as its vendor's adapter wants to be told them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from screenpop.ui.settings.form import FieldForm
from screenpop.ui.tasks import Tasks
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.wording import reworded, tr

if TYPE_CHECKING:
    from screenpop.providers.manifest import AccountField
    from screenpop.ui.settings.account_page import AccountSource
    from screenpop.ui.theme.theme import Theme


class OptionsTab(QWidget):
    """What was asked when the account was added; keys are replaced elsewhere."""

    def __init__(self, theme: Theme, source: AccountSource, account_id: str) -> None:
        super().__init__()
        self._source, self._account_id = source, account_id
        vendor = source.vendor_of(account_id)
        fields = vendor.fields if vendor else ()
        self._fields = tuple(one for one in fields if one.kind != "secret")
        self.message = InlineMessage(theme, is_closable=True)
        self.tasks = Tasks(self.message.show_trouble)
        self.form = FieldForm(theme, self._fields)
        self.load()
        self.form.setContentsMargins(0, 0, theme.px(8), 0)
        area = QScrollArea()
        area.setWidget(self.form)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.save_button = TextButton(theme, tr("Save"), self._save, kind="primary")
        row = QHBoxLayout()
        row.addWidget(self.save_button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(12), 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self.message)
        column.addWidget(area, 1)
        column.addLayout(row)

    def load(self) -> None:
        """Show what is set; it may have been changed elsewhere."""
        self.form.fill({one.key: self._in_force(one) for one in self._fields})
        for one in self._fields:
            who = self._source.lock_of(f"accounts.{self._account_id}.{one.key}")
            field = self.form.field(one.key)
            # Who that is stands above, beside the account's name.
            field.setEnabled(not who)
            if who:
                field.setAccessibleDescription(who)

    def _in_force(self, field: AccountField) -> str:
        value = self._source.option_of(self._account_id, field.key)
        # The usual address is what an empty line means.
        return value or ("" if field.kind == "url" else field.default)

    def _save(self) -> None:
        given = {key: value.strip() for key, value in self.form.values().items()}
        for field in self._fields:
            value = given[field.key]
            if field.kind == "number" and value and not value.isdigit():
                text = tr("{label} is not a number.", label=reworded(field.label))
                self.message.say(text, tone="bad")
                return
        changed = {
            field.key: given[field.key]
            for field in self._fields
            if given[field.key] != self._in_force(field)
        }
        self.save_button.setEnabled(False)
        self.tasks.start(
            self._keep(changed),
            lambda _none: self.message.say(tr("Saved"), tone="good"),
            finally_=lambda: self.save_button.setEnabled(True),
            outlives_window=True,
        )

    async def _keep(self, changed: dict[str, str]) -> None:
        for key, value in changed.items():
            await self._source.accounts.set_option(self._account_id, key, value)
