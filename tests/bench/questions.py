"""What is asked of a directory, the same of both sides."""

from __future__ import annotations

import random

from tests.bench.people import company, e164, name

LOOKUPS = 10_000
TYPED_PEOPLE = 150
_LONGEST_TYPED = 14


def known(people: int, seed: int) -> list[str]:
    """Numbers of people in the directory, at random."""
    chance = _chance(seed)
    return [e164(chance.randrange(people)) for _ in range(LOOKUPS)]


def unknown(_people: int, seed: int) -> list[str]:
    """Numbers of nobody."""
    chance = _chance(seed)
    return [f"+1999{chance.randrange(10_000_000):07}" for _ in range(LOOKUPS)]


def typed(people: int, seed: int) -> list[str]:
    """Names, companies and digits, letter by letter."""
    chance = _chance(seed)
    texts: list[str] = []
    for _ in range(TYPED_PEOPLE):
        person = chance.randrange(people)
        whole = chance.choice(
            (
                name(person).split()[0],
                name(person).split()[1],
                name(person),
                company(person),
                e164(person)[1:],
            )
        )
        texts += (whole[:end] for end in range(1, min(len(whole), _LONGEST_TYPED) + 1))
    return texts


def _chance(seed: int) -> random.Random:
    """The same draws for both sides."""
    return random.Random(seed)  # noqa: S311 - nothing secret
