"""What a vendor's adapter says of itself without being started."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from screenpop.domain.form_fields import FormField
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.providers.protocol import ProviderContext, TelephonyProvider

AccountField: TypeAlias = FormField
"""One thing to ask when an account is added."""


@frozen
class OptionalAbility:
    """An ability that the adapter has only where an account's settings say so.

    Attributes:
        ability: One of the ``Supports…`` protocols.
        how: What to set to have it; one sentence.
    """

    ability: type[object]
    how: str


@frozen(kw_only=True)
class ProviderManifest:
    """Static facts of a vendor adapter.

    Attributes:
        key: The word for ``vendor`` in ``config.toml``.
        name: The vendor's name as people know it.
        default_base_url: Where its API lives unless the account says otherwise.
        fields: What an account needs, in the order of the form.
        hook_methods: HTTP methods its webhooks use.
        rings_name_extensions: Whether news of a ringing phone says whose it is, and not
            only which line was called.
        line_map_option: The account's option that makes up for that; "" for none.
        optional: What the vendor has and not every account of it.
        docs_path: Our page about it, relative to ``docs/``; "" for others' adapters.
        create: Makes the provider of one account.
    """

    key: str
    name: str
    default_base_url: str
    fields: tuple[AccountField, ...]
    docs_path: str = ""
    create: Callable[[ProviderContext], TelephonyProvider]
    hook_methods: frozenset[str] = frozenset({"POST"})
    rings_name_extensions: bool = True
    line_map_option: str = ""
    optional: tuple[OptionalAbility, ...] = ()

    def secret_names(self) -> tuple[str, ...]:
        """The keys of the fields that go to the keychain."""
        return tuple(field.key for field in self.fields if field.kind == "secret")
