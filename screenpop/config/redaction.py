"""The one filter between what the program says and what is kept of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from screenpop.domain.privacy import mask_number, redact

_LEAST_SECRET: Final = 4
_LEAST_PIECE: Final = 20
# Numbers that touch a word, "2025550123x101", which elsewhere could be an id.
_LONG_RUN: Final = re.compile(r"\+?\d{9,}")
_PATTERNS: Final = (
    # Who logs in, in an address.
    (re.compile(r"(?<=://)[^/\s@]+@"), "***@"),
    # What is asked for, in an address: vendors take keys there.
    (re.compile(r"([?&][\w.\-\[\]]+=)[^&#\s\"']+"), r"\1***"),
    # The secret part of a webhook's path.
    (re.compile(r"(/hooks/[^/\s]+/)[^/?#\s\"']+"), r"\1***"),
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie"
            r"|x-[\w-]*(?:key|token|secret)|api[_-]?key|(?:access_|api_)?token"
            r"|password|secret)(['\"]?\s*[:=]\s*)"
            r"(?:b?['\"][^'\"]*['\"]|(?:(?:bearer|basic|digest|token)\s+)?[^\s,;'\"})]+)"
        ),
        r"\1\2***",
    ),
)


class Redactor:
    """Takes secrets and full phone numbers out of a text."""

    def __init__(self, known_secrets: Callable[[], Iterable[str]]) -> None:
        """Nothing is read yet.

        Args:
            known_secrets: Gives the secret values known by now.
        """
        self._known_secrets = known_secrets
        self._raw: frozenset[str] = frozenset()
        self._spellings: tuple[str, ...] = ()

    def __call__(self, text: str) -> str:
        """The text, fit to be kept and shown."""
        raw = frozenset(self._known_secrets())
        if raw != self._raw:
            self._raw, self._spellings = raw, _spellings(raw)
        text = redact(text, self._spellings)
        text = _LONG_RUN.sub(lambda found: mask_number(found.group()), text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


def _spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """The secrets as addresses, JSON and Python's repr write them, longest first."""
    from base64 import b64encode
    from urllib.parse import quote, quote_plus

    found = set()
    for secret in _with_pieces(secrets):
        if len(secret) < _LEAST_SECRET:
            continue
        found |= {
            secret,
            quote(secret, safe=""),
            quote(secret),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
            repr(secret)[1:-1],
            b64encode(secret.encode()).decode().rstrip("="),
        }
    # A secret may begin with another one.
    return tuple(sorted(found, key=len, reverse=True))


def _with_pieces(secrets: Iterable[str]) -> Iterator[str]:
    """The secrets, and what those that are JSON, or a part of it, hold in quotes.

    The tokens of a sign-in are kept as one secret, in parts where they are long.
    """
    for secret in secrets:
        yield secret
        if '"' in secret:
            pieces = secret.split('"')
            yield from (one for one in pieces if len(one) >= _LEAST_PIECE)
