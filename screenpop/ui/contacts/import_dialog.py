"""Import a file of contacts: what it holds is shown and confirmed first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QFrame,
    QLabel,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from screenpop.lookup.csv_headings import ContactField
from screenpop.ui.contacts.view_model import (
    cards_text,
    column_example,
    column_title,
    contact_texts,
    field_choices,
    import_problem,
    report_texts,
    shown_order,
)
from screenpop.ui.plain_label import button_text
from screenpop.ui.theme.theme import TextSize
from screenpop.ui.widgets.fields import Choice
from screenpop.ui.widgets.messages import EmptyState, announce
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.text import TextBlock, where_lines_begin
from screenpop.ui.widgets.window import Sheet
from screenpop.ui.wording import tr, tr_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.lookup.contact_files import FileContents
    from screenpop.lookup.csv_columns import ColumnGuess
    from screenpop.lookup.csv_contacts import CsvContents
    from screenpop.lookup.vcard_files import VCardContents
    from screenpop.services.contact_book import ImportReport
    from screenpop.ui.error_presenter import Trouble
    from screenpop.ui.ports import ContactBookPort
    from screenpop.ui.theme.theme import Theme

_READING, _COLUMNS, _CARDS, _RUNNING, _DONE = range(5)


class ImportDialog(Sheet):
    """`imported` when contacts have changed. Closing it while it runs stops it."""

    imported = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None, book: ContactBookPort, path: Path
    ) -> None:
        super().__init__(theme, parent, tr("Import contacts"))
        self._book = book
        self._path = path
        self._guess: ColumnGuess | None = None
        self.columns: list[Choice] = []
        self._pages = QStackedWidget()
        self._pages.addWidget(EmptyState(theme, "info", tr("Reading the file…")))
        self._pages.addWidget(self._build_columns())
        self._pages.addWidget(self._build_cards())
        self._pages.addWidget(self._build_running())
        self._report = EmptyState(theme, "check", "")
        self._pages.addWidget(self._report)
        self.body.addWidget(self._pages, 1)
        self.cancel_button = self.add_button(tr("Cancel"), self._cancel)
        self.import_button = self.add_button(tr("Import"), self._import, "primary")
        self.import_button.setEnabled(False)
        self.resize(theme.px(460), theme.px(480))

    def read(self) -> None:
        """Look at the file and show what it seems to hold."""
        self.tasks.start(
            self._book.inspect_file(self._path), self._show_contents, slot="read"
        )

    # --- building --------------------------------------------------------------------

    def _build_columns(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(
            TextBlock(
                self.theme,
                tr("This is what the columns seem to hold. Change what is wrong."),
                tone="soft",
            )
        )
        inner = QWidget()
        self._form = QFormLayout(inner)
        self._form.setContentsMargins(0, 0, self.theme.px(12), 0)
        self._form.setHorizontalSpacing(self.theme.px(8))
        self._form.setVerticalSpacing(self.theme.px(4))
        self._form.setFieldGrowthPolicy(
            QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow
        )
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(area, 1)
        return page

    def _build_cards(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.theme.px(8))
        self.cards_text = TextBlock(self.theme, tone="soft")
        column.addWidget(self.cards_text)
        self.sample = RowsView(self.theme, tr("The first contacts of the file"))
        column.addWidget(self.sample, 1)
        return page

    def _build_running(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        self.progress_text = TextBlock(self.theme)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setAccessibleName(tr("Importing"))
        column.addWidget(self.progress_text)
        column.addWidget(bar)
        column.addStretch(2)
        return page

    # --- steps -----------------------------------------------------------------------

    def _show_contents(self, contents: FileContents) -> None:
        from screenpop.lookup.vcard_files import VCardContents

        if isinstance(contents, VCardContents):
            self._show_cards(contents)
        else:
            self._show_guess(contents)

    def _show_cards(self, contents: VCardContents) -> None:
        self.cards_text.setText(cards_text(contents))
        self.sample.renew(
            tuple(
                Row(str(place), *contact_texts(contact))
                for place, contact in enumerate(contents.sample)
            )
        )
        self._pages.setCurrentIndex(_CARDS)
        self.import_button.setEnabled(True)
        self.import_button.setFocus()

    def _show_guess(self, contents: CsvContents) -> None:
        self._guess = contents.guess
        boxes = {
            number: self._add_column(contents, number)
            for number in shown_order(contents.guess)
        }
        self.columns = [boxes[number] for number in sorted(boxes)]
        self._pages.setCurrentIndex(_COLUMNS)
        self._judge()
        if self.import_button.isEnabled():
            self.import_button.setFocus()
        elif self.columns:
            self.columns[0].setFocus()

    def _add_column(self, contents: CsvContents, number: int) -> Choice:
        guess = contents.guess
        title, example = column_title(guess, number), column_example(contents, number)
        box = Choice(self.theme)
        box.offer(field_choices(), guess.columns[number].field.value)
        box.setAccessibleName(title)
        box.currentIndexChanged.connect(self._column_handler(number, box))
        label = QLabel(button_text(title))
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAlignment(where_lines_begin())
        label.setBuddy(box)
        self._form.addRow(label, box)
        if example:
            box.setAccessibleDescription(example)
            shown = TextBlock(self.theme, example, size=TextSize.CAPTION, tone="soft")
            shown.setContentsMargins(self.theme.px(8), 0, 0, self.theme.px(6))
            self._form.addRow("", shown)
        return box

    def _column_handler(self, number: int, box: Choice) -> Callable[[int], None]:
        def chosen(_index: int) -> None:
            if self._guess is not None:
                self._guess = self._guess.with_field(number, ContactField(box.key))
            self._judge()

        return chosen

    def _judge(self) -> None:
        if self._guess is None:
            return
        problem = import_problem(self._guess)
        self.message.say(problem, tone="warn")
        self.import_button.setEnabled(not problem)

    def _import(self) -> None:
        self._pages.setCurrentIndex(_RUNNING)
        self._show_progress(0)
        self.import_button.hide()
        self.tasks.start(
            self._book.import_file(self._path, self._guess, self._show_progress),
            self._show_report,
            failed=self._failed,
            slot="import",
        )

    def _show_progress(self, count: int) -> None:
        self.progress_text.setText(
            tr_count("{count} contact so far", "{count} contacts so far", count)
        )

    def _show_report(self, report: ImportReport) -> None:
        self._report.say(*report_texts(report))
        announce(self, self._report.title.text())
        self._pages.setCurrentIndex(_DONE)
        self.cancel_button.show_text(tr("Close"))
        self.imported.emit()

    def _failed(self, trouble: Trouble) -> None:
        self.message.show_trouble(trouble)
        self._pages.setCurrentIndex(_CARDS if self._guess is None else _COLUMNS)
        self.import_button.show()

    def _cancel(self) -> None:
        if self.tasks.is_busy("import"):
            # The book ends its worker and leaves everything as it was.
            self.tasks.cancel("import")
            self._report.say(tr("Stopped: nothing was changed"))
            self._pages.setCurrentIndex(_DONE)
            self.cancel_button.show_text(tr("Close"))
            return
        self.reject()


def choose_file(
    theme: Theme,
    parent: QWidget | None,
    book: ContactBookPort,
    on_imported: Callable[[], object],
) -> QFileDialog:
    """Let the user choose a file of contacts, then show what is in it."""
    picker = QFileDialog(parent, tr("Import contacts"))
    picker.setFileMode(QFileDialog.FileMode.ExistingFile)
    picker.setNameFilters(
        [
            tr("Contacts (*.csv *.tsv *.txt *.vcf *.vcard)"),
            tr("CSV files (*.csv *.txt *.tsv)"),
            tr("vCard files (*.vcf *.vcard)"),
            tr("All files (*)"),
        ]
    )

    def open_dialog(name: str) -> None:
        dialog = ImportDialog(theme, parent, book, Path(name))
        dialog.imported.connect(on_imported)
        dialog.open()
        dialog.read()

    picker.fileSelected.connect(open_dialog)
    picker.finished.connect(picker.deleteLater)
    picker.open()
    return picker
