"""Address books on a CardDAV server (RFC 6352): Nextcloud, iCloud, Fastmail, Radicale.

A server cannot be asked who has a number: it compares text, and "+44 20 …" is not
"020 …". So the address books are copied, change by change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.lookup.manifest import SourceField, SourceManifest
from screenpop.wording import marked

if TYPE_CHECKING:
    from screenpop.lookup.manifest import SourceContext
    from screenpop.lookup.sources.carddav.source import CardDavSource


def _create(context: SourceContext) -> CardDavSource:
    from screenpop.lookup.sources.carddav.source import CardDavSource

    return CardDavSource(context)


MANIFEST: Final = SourceManifest(
    key="carddav",
    name="Address book (CardDAV)",
    docs_path="sources/carddav.md",
    create=_create,
    fields=(
        SourceField(
            key="base_url",
            label=marked("Address"),
            kind="url",
            is_required=True,
            help=marked(
                "The server, such as https://cloud.example.com, or one address book"
            ),
        ),
        SourceField(key="user", label=marked("User name"), is_required=True),
        SourceField(
            key="password",
            label=marked("Password"),
            kind="secret",
            is_required=True,
            help=marked("An app password, where the service has such"),
        ),
        SourceField(
            key="address_books",
            label=marked("Address books"),
            help=marked("Their names, several with commas; empty for all"),
        ),
        SourceField(
            key="link_template",
            label=marked("A contact's page, made of its id"),
            help=marked(
                "With {uid}: https://cloud.example.com/contact/{uid}; may be empty"
            ),
        ),
    ),
)
