"""The table of calls, without a window, checked by Qt's own model tester."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from screenpop.domain.calls import CallRef
from screenpop.ui.call_log.table_model import RESULT, WHO, CallTableModel
from tests.ui.past_calls import NOW, entry, missed

if TYPE_CHECKING:
    from screenpop.services.call_history import LogEntry


@pytest.fixture
def asked() -> list[int]:
    return []


@pytest.fixture
def model(asked: list[int]) -> CallTableModel:
    return CallTableModel(asked.append, lambda: NOW)


def _page(first: int, count: int) -> tuple[LogEntry, ...]:
    return tuple(entry(number) for number in range(first, first + count))


def test_ten_thousand_calls_come_page_by_page(
    model: CallTableModel, asked: list[int]
) -> None:
    root = QModelIndex()
    model.restart(_page(0, 200), has_more=True)
    while model.canFetchMore(root):
        model.fetchMore(root)
        # Asking twice before the page is there asks once.
        model.fetchMore(root)
        start = asked[-1]
        model.add_page(_page(start, 200), has_more=start + 200 < 10_000)

    assert model.rowCount() == 10_000
    assert len(asked) == 49


def test_a_page_that_failed_can_be_asked_for_again(
    model: CallTableModel, asked: list[int]
) -> None:
    model.restart(_page(0, 2), has_more=True)
    model.fetchMore(QModelIndex())
    model.fetch_failed()
    model.fetchMore(QModelIndex())

    assert asked == [2, 2]


def test_a_new_call_comes_in_at_the_top_and_a_changed_one_stays_in_place(
    model: CallTableModel,
) -> None:
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Warning
    )
    model.restart((entry(1), entry(2)), has_more=False)
    changed: list[int] = []
    model.dataChanged.connect(lambda first, _last: changed.append(first.row()))

    model.update((entry(0), entry(1), entry(2, note="promised")))

    assert model.row_of(CallRef("acme", "call-0")) == 0
    assert changed == [1]
    assert tester.model() is model
    second = model.entry(2)
    assert second is not None
    assert second.note == "promised"


def test_cells_are_plain_text_and_the_first_is_read_out_whole(
    model: CallTableModel,
) -> None:
    model.restart((missed(0, name="<img src=x>\u202e"),), has_more=False)

    assert model.index(0, WHO).data() == "<img src=x>"
    assert model.index(0, RESULT).data() == "Missed, rang 0:20"
    role = Qt.ItemDataRole.AccessibleTextRole
    assert "Missed, rang 0:20" in model.index(0, WHO).data(role)
    head = model.headerData(0, Qt.Orientation.Horizontal)
    assert head == "Who"
