"""What a kind of contact source says of itself without being started."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Final, TypeAlias

from screenpop.domain.form_fields import FormField
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.domain.privacy import Secret
    from screenpop.lookup.protocol import ContactSource, SyncedSource

SourceField: TypeAlias = FormField
"""One thing to ask when a source is added."""

TOKENS: Final = "tokens"
"""The name of the secret that a sign-in leaves; no field asks for it."""

AnySource: TypeAlias = "ContactSource | SyncedSource"


@frozen(kw_only=True)
class SourceContext:
    """What a source is given to work.

    Attributes:
        source_id: The user's short name for it; what its contacts are marked with.
        label: What the user calls it.
        base_url: Where it lives, without a trailing slash; "" where the kind has none.
        region: Region to read national numbers in (ISO 3166, "IT").
        options: Its other settings, by field key.
        deadline_seconds: How long it may take over one caller.
        read_secret: Reads a secret of this source from the keychain.
        write_secret: Keeps a secret that the source handed us, such as a new token.
    """

    source_id: str
    label: str
    base_url: str = ""
    region: str
    options: Mapping[str, str] = field(default_factory=dict)
    deadline_seconds: float = 5.0
    read_secret: Callable[[str], Awaitable[Secret]]
    write_secret: Callable[[str, Secret], Awaitable[None]]


@frozen(kw_only=True)
class SignIn:
    """How a user signs in to a source in the browser (OAuth 2 with PKCE, RFC 7636).

    The id under which an administrator registered screenpop there is the source's
    setting "client_id". Addresses may hold ``{option}`` for a setting of the source:
    at the very start for a whole address, elsewhere for one word.

    Attributes:
        authorize_url: The page to open.
        token_url: Where codes and refresh tokens are exchanged.
        scopes: What is asked for, as the source spells it.
        optional_scopes: Further ones, each after the setting that asks for it by
            being "yes".
        extra: Further parameters of the page, as name and value.
        needs_client_secret: The source wants one even from a desktop program; it is
            then a secret field called "client_secret".
        redirect_host: "127.0.0.1", or "localhost" where only that can be registered.
        redirect_path: What stands after host and port; "" or begins with a slash.
        redirect_port: 0 for any free one; else that one, where the registered address
            must be met exactly. The setting "redirect_port" goes before it.
    """

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...]
    optional_scopes: tuple[tuple[str, str], ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    needs_client_secret: bool = False
    redirect_host: str = "127.0.0.1"
    redirect_path: str = ""
    redirect_port: int = 0


@frozen(kw_only=True)
class SourceManifest:
    """Static facts of a kind of contact source.

    Attributes:
        key: The word for ``kind`` in ``config.toml``.
        name: The product's name as people know it.
        default_base_url: Where it lives unless the user says otherwise; "" when the
            user must say.
        fields: What it needs, in the order of the form.
        docs_path: Our page about it, relative to ``docs/``; "" for others' sources.
        create: Makes one; nothing is opened yet.
        sign_in: How to sign in; None where a key or a password is enough.
    """

    key: str
    name: str
    default_base_url: str = ""
    fields: tuple[SourceField, ...] = ()
    docs_path: str = ""
    create: Callable[[SourceContext], AnySource]
    sign_in: SignIn | None = None

    def defaults(self) -> dict[str, str]:
        """What its own settings are unless the user says otherwise."""
        return {
            each.key: each.default
            for each in self.fields
            if each.default and each.key not in ("base_url", "label")
        }

    def secret_names(self) -> tuple[str, ...]:
        """The keys of the fields that go to the keychain."""
        return tuple(each.key for each in self.fields if each.kind == "secret")
