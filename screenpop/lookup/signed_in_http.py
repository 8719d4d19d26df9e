"""HTTP for sources whose sign-in says where the account lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.errors import AuthenticationFailed, ConfigurationError
from screenpop.lookup.oauth import OAuthAuthority
from screenpop.lookup.source_http import SourceHttp
from screenpop.lookup.token_endpoint import SIGN_IN_AGAIN
from screenpop.wording import tr, tr_marked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from screenpop.domain.errors import ProviderError
    from screenpop.domain.http_replies import HttpReply
    from screenpop.lookup.manifest import SignIn, SourceContext


class SignedInHttp:
    """Requests of whoever signed in, to the address that came with the tokens."""

    def __init__(
        self,
        context: SourceContext,
        sign_in: SignIn,
        *,
        service: str,
        home_field: str,
        prefix: str = "Bearer ",
    ) -> None:
        """Nothing is read or opened yet.

        Args:
            context: The source's.
            sign_in: How it is signed in to.
            service: The product's name, for error texts.
            home_field: Where the token answer holds the account's address.
            prefix: What stands before the token in the header, its blank included.
        """
        self._context = context
        self._service = service
        self._home_field = home_field
        self._authority = OAuthAuthority(context, sign_in, prefix=prefix)
        self._by_home: dict[str, SourceHttp] = {}

    async def home(self) -> str:
        """The account's address, without a trailing slash.

        Raises:
            AuthenticationFailed: Nobody is signed in, or the sign-in names no address.
            SecretError: The keychain gives or takes nothing.
            ProviderError: The token could not be renewed.
        """
        extra = await self._authority.extra()
        return extra.get(self._home_field, "").strip().rstrip("/")

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        read_refusal: Callable[[HttpReply], ProviderError | None] | None = None,
    ) -> HttpReply:
        """Ask for what stands at a path below the account's address.

        Raises:
            As ``home``, and ``SourceHttp.request``.
        """
        http = self._http_of(await self.home())
        return await http.request("GET", path, params=params, read_refusal=read_refusal)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._authority.aclose()
        for http in self._by_home.values():
            await http.aclose()

    def _http_of(self, home: str) -> SourceHttp:
        """One client for each address; there is a second one after a move only."""
        if home not in self._by_home:
            try:
                self._by_home[home] = SourceHttp(
                    self._context,
                    service=self._service,
                    authority=self._authority,
                    base_url=home or "-",
                )
            except ConfigurationError:
                raise AuthenticationFailed(
                    tr(
                        "The sign-in to {service} does not say where the account is",
                        service=self._service,
                    ),
                    tr_marked(SIGN_IN_AGAIN),
                ) from None
        return self._by_home[home]
