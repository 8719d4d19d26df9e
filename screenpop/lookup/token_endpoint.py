"""Where codes and refresh tokens are exchanged, and what comes of it (RFC 6749)."""

from __future__ import annotations

import json
import time
from dataclasses import field, replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    AuthenticationFailed,
    PayloadError,
    ProviderUnavailable,
)
from screenpop.domain.frozen import frozen
from screenpop.domain.http_replies import said
from screenpop.domain.json_fields import FieldReader, storable
from screenpop.domain.privacy import Secret
from screenpop.net import HttpClient
from screenpop.wording import marked, sentences, tr, tr_marked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from screenpop.domain.errors import ProviderError
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue
    from screenpop.lookup.sign_in_terms import SignInTerms

SIGN_IN_AGAIN: Final = marked("Sign in again.")
_SECONDS: Final = 20.0
_MAX_BYTES: Final = 256 * 1024
_LONGEST_TOKEN: Final = 12_000
_LONGEST_EXTRA: Final = 2_000
_MOST_EXTRAS: Final = 20
# So that a token never expires on its way; less of one that does not live long.
_EARLY_SECONDS: Final = 120.0
_EARLY_SHARE: Final = 0.25
_LONGEST_LIFE: Final = 90 * 24 * 3600.0
_OWN_FIELDS: Final = frozenset(
    {"access_token", "refresh_token", "expires_in", "token_type", "id_token"}
)
# "Access Denied", so written, is Zoho's answer to too many requests for tokens.
_TEMPORARY: Final = frozenset(
    {"temporarily_unavailable", "server_error", "Access Denied"}
)
_WRONG_CLIENT: Final = frozenset(
    {"invalid_client", "unauthorized_client", "invalid_client_id"}
)


@frozen(kw_only=True)
class Tokens:
    """What a sign-in leaves.

    Attributes:
        access: Goes with every request.
        refresh: Gets the next ones; "" when there is none.
        use_until: Seconds since 1970 by our clock after which a new access token is
            fetched; None when the source did not say.
        extra: The other texts of the answer, such as "scope" or where the account
            lives. Foreign text: whoever uses an address from it checks it.
    """

    access: str
    refresh: str = ""
    use_until: float | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def as_secret(self) -> Secret:
        """As it is kept in the keychain."""
        kept = {
            "access": self.access,
            "refresh": self.refresh,
            "use_until": self.use_until,
            "extra": dict(self.extra),
        }
        return Secret(json.dumps(kept, separators=(",", ":")))

    @classmethod
    def of_secret(cls, secret: Secret, service: str) -> Tokens:
        """What was kept.

        Raises:
            AuthenticationFailed: It cannot be read.
        """
        try:
            value: JsonValue = json.loads(secret.reveal())
        except ValueError:
            value = None
        reader = FieldReader(value if isinstance(value, dict) else {})
        access, refresh = reader.text("access"), reader.text("refresh")
        extra = reader.child("extra")
        if not (access or refresh):
            raise AuthenticationFailed(
                tr(
                    "What was kept of the sign-in to {service} cannot be read",
                    service=service,
                ),
                tr_marked(SIGN_IN_AGAIN),
            )
        return cls(
            access=access,
            refresh=refresh,
            use_until=reader.number("use_until"),
            extra=_texts(extra.source) if extra else {},
        )


class TokenEndpoint:
    """The address that gives tokens to one source."""

    def __init__(
        self,
        terms: SignInTerms,
        client_secret: Secret | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is opened yet."""
        self._terms = terms
        self._client_secret = client_secret
        self._now = now
        self._http = HttpClient(
            terms.token_url,
            service=terms.service,
            allow_plain_http=terms.allow_plain_http,
            timeout_seconds=_SECONDS,
            max_bytes=_MAX_BYTES,
        )

    async def exchange(self, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """The tokens for a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).

        Raises:
            AuthenticationFailed: The code or the client is refused.
            ProviderError: By kind, see ``screenpop.domain.errors``.
            PayloadError: The answer cannot be read.
        """
        return await self._ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )

    async def refresh(self, tokens: Tokens) -> Tokens:
        """Fresh tokens (RFC 6749 section 6); what the answer leaves out stays.

        Raises:
            AuthenticationFailed: The refresh token is spent, expired or revoked.
            ProviderError: By kind, see ``screenpop.domain.errors``.
            PayloadError: The answer cannot be read.
        """
        fresh = await self._ask(
            {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        )
        return replace(
            fresh,
            refresh=fresh.refresh or tokens.refresh,
            extra={**tokens.extra, **fresh.extra},
        )

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def _ask(self, form: dict[str, str]) -> Tokens:
        form["client_id"] = self._terms.client_id
        if self._client_secret is not None:
            form["client_secret"] = self._client_secret.reveal()
        unquotable = tuple(form.values())

        def read_refusal(reply: HttpReply) -> ProviderError | None:
            return self._refusal(reply, unquotable)

        reply = await self._http.request(
            "POST", self._terms.token_url, data=form, read_refusal=read_refusal
        )
        # Some say no with status 200.
        refused = self._refusal(reply, unquotable)
        if refused is not None:
            raise refused
        return self._tokens(reply)

    def _refusal(
        self, reply: HttpReply, unquotable: tuple[str, ...]
    ) -> ProviderError | None:
        """What an error answer means (RFC 6749 section 5.2); None for none."""
        service = self._terms.service
        error = _error_code(reply)
        if not error or reply.status >= 500 or reply.status == 429:
            return None
        if error in _TEMPORARY:
            return ProviderUnavailable(
                tr("{service} gives no tokens at the moment", service=service)
            )
        quote = said(reply, unquotable)
        if error in _WRONG_CLIENT:
            return AuthenticationFailed(
                tr(
                    "{service} does not know this client id, or its secret is wrong",
                    service=service,
                ),
                sentences(tr("Check both, then sign in again."), quote),
            )
        return AuthenticationFailed(
            tr("The sign-in to {service} is not valid any more", service=service),
            sentences(tr_marked(SIGN_IN_AGAIN), quote),
        )

    def _tokens(self, reply: HttpReply) -> Tokens:
        value = reply.json()
        reader = FieldReader(value if isinstance(value, dict) else {})
        access, refresh = reader.text("access_token"), reader.text("refresh_token")
        kind = reader.text("token_type").casefold()
        if not _is_token(access) or (refresh and not _is_token(refresh)):
            raise PayloadError(
                tr("{service} gave no usable token", service=self._terms.service)
            )
        if kind not in ("", "bearer"):
            # RFC 6749 section 7.1: one must not be used without knowing how.
            raise PayloadError(
                tr(
                    "{service} gave a token of an unknown kind",
                    service=self._terms.service,
                )
            )
        return Tokens(
            access=access,
            refresh=refresh,
            use_until=self._use_until(reader.number("expires_in")),
            extra=_texts(reader.source),
        )

    def _use_until(self, seconds: float | None) -> float | None:
        if seconds is None or seconds <= 0:
            return None
        seconds = min(seconds, _LONGEST_LIFE)
        return self._now() + seconds - min(_EARLY_SECONDS, seconds * _EARLY_SHARE)


def _error_code(reply: HttpReply) -> str:
    try:
        value = reply.json()
    except PayloadError:
        return ""
    return FieldReader(value).text("error") if isinstance(value, dict) else ""


def _is_token(text: str) -> bool:
    return (
        0 < len(text) <= _LONGEST_TOKEN
        and text.isascii()
        and text.isprintable()
        and " " not in text
    )


def _texts(source: Mapping[str, JsonValue]) -> dict[str, str]:
    """The short texts of an answer that are no tokens."""
    found = {
        name: storable(value)
        for name, value in source.items()
        if name not in _OWN_FIELDS
        and isinstance(value, str)
        and len(value) <= _LONGEST_EXTRA
    }
    return dict(list(found.items())[:_MOST_EXTRAS])
