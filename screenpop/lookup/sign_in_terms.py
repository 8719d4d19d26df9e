"""A sign-in with a source's settings filled in: where to go, as whom, for what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.domain.service_address import ServiceAddress
from screenpop.lookup.source_http import ALLOW_PLAIN_HTTP_OPTION
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.lookup.manifest import SignIn, SourceContext

CLIENT_ID: Final = "client_id"
CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - the name of a secret, not one
REDIRECT_PORT: Final = "redirect_port"

_PLACEHOLDER: Final = re.compile(r"\{([a-z0-9_]+)\}")
_WORD: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
_LONGEST_ID: Final = 300
_HIGHEST_PORT: Final = 65_535


@frozen(kw_only=True)
class SignInTerms:
    """What one source needs to have its user sign in.

    Attributes:
        service: The source's name for the user.
        token_url: Checked: https, or plain http on this machine.
        redirect_port: 0 for any free one.
    """

    service: str
    authorize_url: str
    token_url: str
    client_id: str
    scopes: tuple[str, ...]
    extra: tuple[tuple[str, str], ...] = ()
    needs_client_secret: bool = False
    redirect_host: str = "127.0.0.1"
    redirect_path: str = ""
    redirect_port: int = 0
    allow_plain_http: bool = False

    @classmethod
    def of(cls, sign_in: SignIn, context: SourceContext) -> SignInTerms:
        """The terms for one source.

        The settings "authorize_url" and "token_url", which no form asks for, go
        before the manifest's: for clouds of other countries.

        Raises:
            ConfigurationError: The client id is missing, or a setting cannot be used.
        """
        options = {**context.options, "base_url": context.base_url}
        client_id = options.get(CLIENT_ID, "").strip()
        if not client_id or not client_id.isprintable() or len(client_id) > _LONGEST_ID:
            raise ConfigurationError(
                tr("The client id for {label} is missing", label=context.label),
                tr("Enter the id under which screenpop is registered there."),
            )
        allows_http = options.get(ALLOW_PLAIN_HTTP_OPTION, "").casefold() == "true"

        def address(name: str, template: str) -> str:
            url = options.get(name) or _filled(template, options)
            return ServiceAddress.checked(url, allow_plain_http=allows_http).url

        wished = (
            scope
            for option, scope in sign_in.optional_scopes
            if options.get(option) == "yes"
        )
        return cls(
            service=context.label,
            authorize_url=address("authorize_url", sign_in.authorize_url),
            token_url=address("token_url", sign_in.token_url),
            client_id=client_id,
            scopes=(*sign_in.scopes, *wished),
            extra=sign_in.extra,
            needs_client_secret=sign_in.needs_client_secret,
            redirect_host=sign_in.redirect_host,
            redirect_path=sign_in.redirect_path,
            redirect_port=_port(options.get(REDIRECT_PORT, ""), sign_in.redirect_port),
            allow_plain_http=allows_http,
        )

    def page(self, *, redirect_uri: str, state: str, challenge: str) -> str:
        """The address for the browser (RFC 6749 section 4.1.1, RFC 7636 section 4.3).

        It holds no secret: ``challenge`` is a hash, and ``state`` is good once and
        on this computer only.
        """
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.scopes),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **dict(self.extra),
        }
        return f"{self.authorize_url}?{urlencode(parameters)}"


def _filled(template: str, options: Mapping[str, str]) -> str:
    def replaced(found: re.Match[str]) -> str:
        name = found.group(1)
        value = options.get(name, "").strip().rstrip("/")
        # A whole address is checked as such; a word must not reach beyond its place.
        if value and (found.start() == 0 or _WORD.fullmatch(value)):
            return value
        raise ConfigurationError(
            tr(
                "The setting {name} is missing or cannot be part of an address",
                name=name,
            ),
            tr("Letters, digits, dots and hyphens may stand there."),
        )

    return _PLACEHOLDER.sub(replaced, template)


def _port(text: str, default: int) -> int:
    if not text.strip():
        return default
    if text.isascii() and text.isdigit() and int(text[:6]) <= _HIGHEST_PORT:
        return int(text)
    raise ConfigurationError(
        tr("The setting {redirect_port} is no port", redirect_port=REDIRECT_PORT),
        tr("Enter a number from 1024 to 65535."),
    )
