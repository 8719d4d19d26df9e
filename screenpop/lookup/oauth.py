"""Sign in to a source in the browser, and stay signed in (RFC 6749, 7636, 8252).

The user's password never comes near screenpop: the browser does the sign-in, and what
comes back is a code that is worth nothing without the verifier that only this process
knows. Tokens lie in the keychain, as one secret.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import AuthenticationFailed, SecretMissing
from screenpop.lookup.manifest import TOKENS
from screenpop.lookup.redirect_listener import RedirectListener
from screenpop.lookup.sign_in_terms import CLIENT_SECRET, SignInTerms
from screenpop.lookup.token_endpoint import SIGN_IN_AGAIN, TokenEndpoint, Tokens
from screenpop.wording import tr, tr_marked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.privacy import Secret
    from screenpop.lookup.manifest import SignIn, SourceContext

SIGN_IN_SECONDS: Final = 300.0
"""How long a user may take over the sign-in page."""

_VERIFIER_BYTES: Final = 64
# A token refused so soon after it came was refused to a request that began before.
_FRESH_SECONDS: Final = 10.0
# Whoever quits does not wait long for a renewal.
_CLOSING_SECONDS: Final = 2.0


async def sign_in(
    terms: SignInTerms,
    open_url: Callable[[str], None],
    client_secret: Secret | None = None,
    seconds: float = SIGN_IN_SECONDS,
) -> Tokens:
    """Have the user sign in in the browser; what the source gives for it.

    Cancelling ends it and closes the port.

    Args:
        terms: The source's.
        open_url: Shows the sign-in page to the user; its address holds no secret.
        client_secret: Where the source wants one.
        seconds: How long the user may take.

    Raises:
        AuthenticationFailed: The user or the source said no, or nobody came.
        UsageError: The port for the answer is taken.
        ProviderError: By kind, see ``screenpop.domain.errors``.
        PayloadError: The source's answer cannot be read.
    """
    verifier = secrets.token_urlsafe(_VERIFIER_BYTES)
    listener = RedirectListener(
        host=terms.redirect_host,
        path=terms.redirect_path,
        port=terms.redirect_port,
        service=terms.service,
    )
    async with listener:
        page = terms.page(
            redirect_uri=listener.redirect_uri,
            state=listener.state,
            challenge=challenge_of(verifier),
        )
        open_url(page)
        code = await listener.code(seconds)
    endpoint = TokenEndpoint(terms, client_secret)
    try:
        return await endpoint.exchange(
            code=code, verifier=verifier, redirect_uri=listener.redirect_uri
        )
    finally:
        await endpoint.aclose()


def challenge_of(verifier: str) -> str:
    """What a verifier is announced by (RFC 7636 section 4.2, method S256).

    >>> challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def signed_out(reply: HttpReply) -> AuthenticationFailed | None:
    """For ``read_refusal``: 401 as the user of a signed-in source should read it."""
    if reply.status != 401:
        return None
    return AuthenticationFailed(
        tr("{service} does not accept the sign-in", service=reply.service),
        tr_marked(SIGN_IN_AGAIN),
    )


class OAuthAuthority:
    """An ``Authority`` of whoever signed in: the access token in every request.

    A token is renewed before it expires, and once when the source refuses it. Renewed
    tokens are in the keychain before they are used, since the source may not take the
    old ones again. However many requests wait, one renewal runs, and cancelling a
    request does not end it.
    """

    def __init__(
        self,
        context: SourceContext,
        sign_in: SignIn,
        *,
        prefix: str = "Bearer ",
        now: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is read or opened yet.

        Args:
            context: Whose keychain and settings.
            sign_in: How the source is signed in to.
            prefix: What stands before the token in the header, its blank included.
            now: Seconds since 1970.
        """
        self._context = context
        self._sign_in = sign_in
        self._prefix = prefix
        self._now = now
        self._tokens: Tokens | None = None
        self._unkept: Tokens | None = None
        self._endpoint: TokenEndpoint | None = None
        self._renewal: asyncio.Task[Tokens] | None = None
        self._renewed_at = float("-inf")

    async def headers(self) -> Mapping[str, str]:
        """The header with a token that is good for now.

        Raises:
            AuthenticationFailed: Nobody is signed in, or not any more.
            SecretError: The keychain gives or takes nothing.
            ProviderError: The token could not be renewed.
        """
        tokens = await self._usable()
        return {"Authorization": f"{self._prefix}{tokens.access}"}

    async def refused(self) -> bool:
        """Renew the token, unless that has just been done; whether to try again.

        Raises:
            AuthenticationFailed: The user has to sign in again.
            ProviderError: The token could not be renewed.
        """
        if self._tokens is None or not self._tokens.refresh:
            self._tokens = None  # another sign-in may have left new ones
            return False
        if self._now() - self._renewed_at > _FRESH_SECONDS:
            await self._renewed()
        return True

    async def extra(self) -> Mapping[str, str]:
        """The other texts of the source's answer: "scope", "instance_url", ….

        Raises:
            As ``headers``.
        """
        return (await self._usable()).extra

    async def aclose(self) -> None:
        """Give a renewal a moment to end, then close the connection."""
        if self._renewal is not None:
            renewal = self._renewal
            await asyncio.wait([renewal], timeout=_CLOSING_SECONDS)
            renewal.cancel()
        if self._endpoint is not None:
            await self._endpoint.aclose()

    async def _usable(self) -> Tokens:
        tokens = self._tokens
        if tokens is None:
            tokens = self._tokens = await self._kept()
        until = tokens.use_until
        is_spent = not tokens.access or (until is not None and self._now() >= until)
        if not is_spent:
            return tokens
        if not tokens.refresh:
            self._tokens = None
            raise AuthenticationFailed(
                tr("The sign-in to {label} has expired", label=self._context.label),
                tr_marked(SIGN_IN_AGAIN),
            )
        return await self._renewed()

    async def _kept(self) -> Tokens:
        try:
            secret = await self._context.read_secret(TOKENS)
        except SecretMissing:
            raise AuthenticationFailed(
                tr("Nobody has signed in to {label} yet", label=self._context.label),
                tr("Sign in: in the settings, or with `screenpop source sign-in`."),
            ) from None
        return Tokens.of_secret(secret, self._context.label)

    async def _renewed(self) -> Tokens:
        if self._renewal is None:
            self._renewal = asyncio.get_running_loop().create_task(
                self._renew(), name=f"renew the sign-in of {self._context.source_id}"
            )
            self._renewal.add_done_callback(self._note_renewal)
        return await asyncio.shield(self._renewal)

    def _note_renewal(self, renewal: asyncio.Task[Tokens]) -> None:
        self._renewal = None
        if not renewal.cancelled():
            renewal.exception()  # seen, even if whoever asked has gone

    async def _renew(self) -> Tokens:
        if self._unkept is None:
            self._unkept = await self._fetched()
        # Until the keychain has them they are not used: a source that gives new refresh
        # tokens may not take the old ones again, also not after a restart.
        await self._context.write_secret(TOKENS, self._unkept.as_secret())
        self._tokens, self._unkept = self._unkept, None
        self._renewed_at = self._now()
        return self._tokens

    async def _fetched(self) -> Tokens:
        tokens = self._tokens or await self._kept()
        endpoint = await self._ready()
        try:
            return await endpoint.refresh(tokens)
        except AuthenticationFailed:
            # Another program of ours may have renewed them, or the user signed in.
            self._tokens = None
            kept = await self._kept()
            if kept.refresh in ("", tokens.refresh):
                raise
        is_good = kept.use_until is not None and self._now() < kept.use_until
        return kept if is_good else await endpoint.refresh(kept)

    async def _ready(self) -> TokenEndpoint:
        if self._endpoint is None:
            terms = SignInTerms.of(self._sign_in, self._context)
            secret = None
            if terms.needs_client_secret:
                secret = await self._context.read_secret(CLIENT_SECRET)
            self._endpoint = TokenEndpoint(terms, secret, self._now)
        return self._endpoint
