"""The short way through the arguments of a start ends where the long one does."""

from __future__ import annotations

import argparse

import pytest

from screenpop.cli.commands.run import add_arguments, plain_arguments


@pytest.mark.parametrize("words", [[], ["--at-login"], ["--at-login", "--in-haste"]])
def test_a_usual_start_is_read_as_the_parser_reads_it(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    plain = plain_arguments(words)
    assert plain is not None
    assert vars(plain) == vars(parser.parse_args(words))


@pytest.mark.parametrize("words", [["--help"], ["--headless"], ["--at-login", "x"]])
def test_whatever_else_there_is_goes_to_the_parser(words: list[str]) -> None:
    assert plain_arguments(words) is None
