"""Choices that only one vendor knows, as words on a command line."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from screenpop.cli.output import say, say_json

if TYPE_CHECKING:
    from screenpop.providers.abilities import HistoryChoice


def pair(text: str) -> tuple[str, str]:
    """``KEY=VALUE``.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    key, mark, value = text.partition("=")
    if not key or not mark:
        raise argparse.ArgumentTypeError("give KEY=VALUE")
    return key, value


def print_choices(choices: tuple[HistoryChoice, ...], is_json: bool) -> None:
    """What ``--where`` takes."""
    if is_json:
        say_json(choices)
        return
    if not choices:
        say("The phone system has no ways of its own to narrow this.")
        return
    for each in choices:
        values = ", ".join(f"{value} {label}" for value, label in each.choices)
        say(f"{each.key}: {each.label} ({values or 'any text'})")
