"""The tokens that stand in Mango Voice's addresses: one combined, or three parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import AuthenticationFailed, SecretMissing
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from screenpop.domain.privacy import Secret

COMBINED: Final = "auth_token"
PARTS: Final = ("ident1", "ident2", "ident3")
# "Returned as one combined auth token": how they are combined is not documented.
_SEPARATORS: Final = tuple(map(re.compile, (r"/+", r"[,;|\s]+", r":+", r"\.+")))
# Three tokens of the same length without anything between are taken apart from here.
_SHORTEST_JOINED: Final = 48


@frozen
class Tokens:
    """What an account signs in with.

    Attributes:
        combined: All of it as given; the parts joined by "/" when given apart.
        parts: ident1 to ident3; empty when they are not known.
    """

    combined: str
    parts: tuple[str, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """Everything that must not be shown."""
        return (self.combined, *self.parts)

    def placeholders(self) -> dict[str, str]:
        """What stands for ``{token}`` and ``{ident1}`` to ``{ident3}`` in a path."""
        return {
            "token": self.combined,
            **dict(zip(PARTS, self.parts, strict=False)),
        }


class TokenReader:
    """Reads the tokens late, keeps them, and reads anew after a refusal."""

    def __init__(self, read_secret: Callable[[str], Awaitable[Secret]]) -> None:
        self._read_secret = read_secret
        self._known: Tokens | None = None

    async def read(self, *, needs_parts: bool) -> Tokens:
        """The tokens of the account.

        Raises:
            SecretError: The keychain gives none.
            AuthenticationFailed: They cannot be used, or not taken apart.
        """
        tokens = self._known
        if tokens is None or (needs_parts and not tokens.parts):
            tokens = await self._read()
        if needs_parts and not tokens.parts:
            raise AuthenticationFailed(
                tr("The authorization token of Mango Voice cannot be taken apart"),
                tr(
                    "Enter its three parts ident1, ident2 and ident3 one by one, or "
                    "the "
                    "token with “/” between them."
                ),
            )
        self._known = tokens
        return tokens

    def forget(self) -> None:
        """They were refused: read them again next time."""
        self._known = None

    async def _read(self) -> Tokens:
        try:
            combined = _usable(await self._read_secret(COMBINED))
        except SecretMissing:
            parts = await self._read_parts()
            return Tokens("/".join(parts), parts)
        parts = taken_apart(combined)
        if not parts:
            try:
                parts = await self._read_parts()
            except SecretMissing:
                parts = ()
        return Tokens(combined, parts)

    async def _read_parts(self) -> tuple[str, ...]:
        return tuple([_usable(await self._read_secret(name)) for name in PARTS])


def taken_apart(combined: str) -> tuple[str, ...]:
    """ident1 to ident3 of a combined token; empty when it is not clear how."""
    for separator in _SEPARATORS:
        parts = tuple(filter(None, separator.split(combined)))
        if len(parts) == len(PARTS):
            return parts
    length = len(combined)
    if length >= _SHORTEST_JOINED and length % 3 == 0 and combined.isalnum():
        third = length // 3
        return tuple(
            combined[start : start + third] for start in range(0, length, third)
        )
    return ()


def _usable(secret: Secret) -> str:
    """A token as it can stand in an address.

    Raises:
        AuthenticationFailed: It cannot; it is not quoted.
    """
    text = secret.reveal().strip()
    if not text or not text.isascii() or not text.isprintable():
        raise AuthenticationFailed(
            tr(
                "The token for Mango Voice is empty or holds characters that no token "
                "has"
            )
        )
    return text
