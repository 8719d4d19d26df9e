"""Tryton, a business system with parties and their contact mechanisms."""

from __future__ import annotations

from typing import Final

from screenpop.lookup.manifest import SourceField, SourceManifest
from screenpop.lookup.sources.tryton.source import TrytonSource

MANIFEST: Final = SourceManifest(
    key="tryton",
    name="Tryton",
    docs_path="sources/tryton.md",
    create=TrytonSource,
    fields=(
        SourceField(
            key="base_url",
            label="Address",
            kind="url",
            is_required=True,
            help="Of the server: https://tryton.example.com",
        ),
        SourceField(
            key="database",
            label="Database",
            is_required=True,
            help="As you choose it when you sign in to Tryton",
        ),
        SourceField(key="user", label="User", is_required=True),
        SourceField(key="password", label="Password", kind="secret", is_required=True),
        SourceField(
            key="link_template",
            label="A party's page",
            help="With {id}; where the web client is not at the server's address",
        ),
    ),
)
