"""Tryton, a business system with parties and their contact mechanisms."""

from __future__ import annotations

from typing import Final

from screenpop.lookup.manifest import SourceField, SourceManifest
from screenpop.lookup.sources.tryton.source import TrytonSource
from screenpop.wording import marked

MANIFEST: Final = SourceManifest(
    key="tryton",
    name="Tryton",
    docs_path="sources/tryton.md",
    create=TrytonSource,
    fields=(
        SourceField(
            key="base_url",
            label=marked("Address"),
            kind="url",
            is_required=True,
            help=marked("Of the server: https://tryton.example.com"),
        ),
        SourceField(
            key="database",
            label=marked("Database"),
            is_required=True,
            help=marked("As you choose it when you sign in to Tryton"),
        ),
        SourceField(key="user", label=marked("User"), is_required=True),
        SourceField(
            key="password", label=marked("Password"), kind="secret", is_required=True
        ),
        SourceField(
            key="link_template",
            label=marked("A party's page"),
            help=marked(
                "With {id}; where the web client is not at the server's address"
            ),
        ),
    ),
)
