"""The short way through the arguments of a dial ends where the long one does."""

from __future__ import annotations

import argparse

import pytest

from screenpop.cli.commands.dial import add_arguments, plain_arguments

NUMBER = "+12025550100"


@pytest.mark.parametrize(
    "words",
    [
        [NUMBER],
        [NUMBER, "--yes"],
        ["--yes", NUMBER],
        ["tel:+1-202-555-0100;ext=7"],
        ["202 555 0100"],
    ],
)
def test_a_plain_dial_is_read_as_the_parser_reads_it(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    plain = plain_arguments(words)
    assert plain is not None
    assert vars(plain) == vars(parser.parse_args(words))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--help"],
        ["-1"],
        ["--", "-1"],
        [NUMBER, "+12025550101"],
        [NUMBER, "--account", "acme"],
        ["--flow=1", NUMBER],
    ],
)
def test_whatever_else_there_is_goes_to_the_parser(words: list[str]) -> None:
    assert plain_arguments(words) is None
