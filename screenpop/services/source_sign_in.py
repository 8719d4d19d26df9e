"""Have a user sign in to a contact source in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.errors import NotOffered, UsageError
from screenpop.lookup.oauth import sign_in as sign_in_to
from screenpop.lookup.sign_in_terms import CLIENT_SECRET, SignInTerms
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.domain.privacy import Secret
    from screenpop.lookup.manifest import SourceContext, SourceManifest


async def sign_in(
    manifest: SourceManifest,
    context: SourceContext,
    open_url: Callable[[str], None],
) -> Secret:
    """What the source gave for the sign-in, to be kept as ``manifest.TOKENS``.

    Cancelling ends it. Nothing is saved.

    Args:
        manifest: The kind of source.
        context: The source's, of a draft or of one that is kept.
        open_url: Shows the sign-in page to the user.

    Raises:
        NotOffered: This kind of source has no sign-in.
        ConfigurationError: The client id is missing, or a setting cannot be used.
        AuthenticationFailed: The user or the source said no, or nobody came.
        ScreenpopError: By kind, see ``screenpop.domain.errors``.
    """
    if manifest.sign_in is None:
        raise NotOffered(
            tr("{name} has no sign-in in the browser", name=manifest.name),
            tr("It wants a key instead, or nothing."),
        )
    terms = SignInTerms.of(manifest.sign_in, context)
    client_secret = None
    if terms.needs_client_secret:
        client_secret = await context.read_secret(CLIENT_SECRET)
        if not client_secret:
            raise UsageError(
                tr("The client secret for {label} is missing", label=context.label)
            )
    tokens = await sign_in_to(terms, open_url, client_secret)
    return tokens.as_secret()
