"""The call log as a table that spreadsheets open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from screenpop.services.call_history import LogEntry

COLUMNS: Final = (
    "started_at",
    "direction",
    "outcome",
    "number",
    "name",
    "company",
    "line",
    "answered_by",
    "ring_seconds",
    "talk_seconds",
    "account",
    "note",
    "disposition",
)


def row_of_entry(entry: LogEntry) -> tuple[str, ...]:
    """One call as the cells of a row; foreign text cannot become a formula."""
    return (
        entry.started_at.isoformat(),
        entry.direction,
        entry.outcome or "",
        _inert(entry.number_e164 or entry.number_text),
        _inert(entry.name),
        _inert(entry.company),
        _inert(entry.line_text),
        _inert(entry.answered_by),
        _seconds(entry.ring_seconds),
        _seconds(entry.talk_seconds),
        entry.ref.account_id,
        _inert(entry.note),
        _inert(entry.disposition),
    )


def _inert(text: str) -> str:
    """Foreign text that no spreadsheet takes for a formula."""
    is_number = text[:1] == "+" and text[1:].replace(" ", "").isdigit()
    return f"'{text}" if text[:1] in "=+-@\t\r" and text and not is_number else text


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
