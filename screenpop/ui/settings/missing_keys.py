"""Asks for the keys of an account that an administrator has set up; nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.plain_text import plain
from screenpop.domain.privacy import Secret
from screenpop.ui.widgets.fields import Labelled, secret_field
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.widgets.window import Sheet
from screenpop.ui.wording import reworded, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from screenpop.providers.manifest import AccountField
    from screenpop.ui.setup_ports import AccountsPort
    from screenpop.ui.theme.theme import Theme

_LONGEST = 80


class MissingKeysSheet(Sheet):
    """One field for each key; they go into the keychain, and the account connects."""

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        accounts: AccountsPort,
        account: tuple[str, str],
        keys: tuple[AccountField, ...],
        done: Callable[[], None],
    ) -> None:
        """Show nothing yet.

        Args:
            theme: Looks.
            parent: The window it belongs to.
            accounts: Keeps the keys.
            account: The account's id and what it is called.
            keys: Those that are missing.
            done: Called when all are kept.
        """
        self._id, name = account
        super().__init__(
            theme, parent, tr("Connect {name}", name=plain(name, _LONGEST))
        )
        self._accounts = accounts
        self._done = done
        self.setMinimumWidth(theme.px(420))
        self.body.addWidget(
            TextBlock(
                theme,
                tr(
                    "Your administrator has set this account up. Only your key is "
                    "missing; it stays in the keychain of this computer."
                ),
                tone="soft",
            )
        )
        self.fields = {one.key: secret_field() for one in keys}
        self._labels = {one.key: reworded(one.label) for one in keys}
        for one in keys:
            self.body.addWidget(
                Labelled(
                    theme,
                    reworded(one.label),
                    self.fields[one.key],
                    help_text=reworded(one.help),
                )
            )
        self.add_button(tr("Later"), self.reject)
        self.connect_button = self.add_button(tr("Connect"), self._connect, "primary")
        self.connect_button.setDefault(True)
        next(iter(self.fields.values())).setFocus()

    def _connect(self) -> None:
        given = {key: field.text().strip() for key, field in self.fields.items()}
        for key, text in given.items():
            if not text:
                label = self._labels[key]
                self.message.say(tr("{label} is missing.", label=label), tone="bad")
                self.fields[key].setFocus()
                return
        self.connect_button.setEnabled(False)
        self.tasks.start(
            self._keep(given),
            lambda _none: self._kept(),
            finally_=lambda: self.connect_button.setEnabled(True),
        )

    async def _keep(self, given: dict[str, str]) -> None:
        for key, text in given.items():
            await self._accounts.set_secret(self._id, key, Secret(text))

    def _kept(self) -> None:
        self.accept()
        self._done()
