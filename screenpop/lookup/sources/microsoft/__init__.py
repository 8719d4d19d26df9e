"""Contacts of Microsoft 365 and Outlook.com, copied by Microsoft Graph."""

from __future__ import annotations

from typing import Final

from screenpop.lookup.manifest import SourceField, SourceManifest
from screenpop.lookup.sources.microsoft.source import (
    PEOPLE,
    SERVICE,
    SIGN_IN,
    MicrosoftSource,
)

MANIFEST: Final = SourceManifest(
    key="microsoft",
    name=SERVICE,
    default_base_url="https://graph.microsoft.com/v1.0",
    docs_path="sources/microsoft.md",
    create=MicrosoftSource,
    sign_in=SIGN_IN,
    fields=(
        SourceField(
            key="client_id",
            label="Application (client) ID",
            is_required=True,
            help="Of the app registration in Entra ID; your administrator has it",
        ),
        SourceField(
            key="tenant",
            label="Directory (tenant)",
            default="common",
            help="Its ID or domain; “common” for any account, private ones too",
        ),
        SourceField(
            key=PEOPLE,
            label="People of the organization too",
            kind="choice",
            choices=("no", "yes"),
            default="no",
            help="An administrator has to allow it",
        ),
        SourceField(
            key="login_url",
            label="Sign-in address",
            kind="url",
            default="https://login.microsoftonline.com",
            help="Another one for the clouds of some countries",
        ),
    ),
)
