"""Changes to JSON that stay JSON: flipped bytes seldom get past a parser of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Final

from tests.providers.mutations import changed

if TYPE_CHECKING:
    from tests.fuzz.target import JsonPlace

_PLAIN_SHARE: Final = 0.3
_MOST_CHANGES: Final = 3


def mutated(
    place: JsonPlace,
    data: bytes,
    longest: int,
    seed: int,
    flip: Callable[[bytes, int], bytes],
) -> bytes:
    """The data with its JSON changed, or with some of its bytes flipped.

    Args:
        place: Where in the data it is.
        data: What to change.
        longest: How long the result may be.
        seed: Decides what is changed.
        flip: Changes bytes.
    """
    random = Random(seed)  # noqa: S311 - no secret
    if random.random() < _PLAIN_SHARE:
        return bytes(flip(data, longest))
    before, text, after = place.parts(data)
    try:
        value = json.loads(text)
        for _ in range(random.randint(1, _MOST_CHANGES)):
            value = changed(random, value)
        again = before + json.dumps(value).encode() + after
    except (ValueError, RecursionError):
        # No JSON, or buried so deep by now that Python itself cannot copy it.
        return bytes(flip(data, longest))
    return again if len(again) <= longest else bytes(flip(data, longest))
