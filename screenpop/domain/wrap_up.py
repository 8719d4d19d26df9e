"""What a call came to, and how others are told of it."""

from __future__ import annotations


def told_note(disposition: str, note: str) -> str:
    """The note that goes to a phone system: "[Sold] Wants the invoice by e-mail"."""
    words = note.strip()
    if not disposition:
        return words
    return f"[{disposition}] {words}".strip()
