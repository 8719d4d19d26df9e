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
from screenpop.wording import marked

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
            label=marked("Application (client) ID"),
            is_required=True,
            help=marked(
                "Of the app registration in Entra ID; your administrator has it"
            ),
        ),
        SourceField(
            key="tenant",
            label=marked("Directory (tenant)"),
            default="common",
            help=marked("Its ID or domain; “common” for any account, private ones too"),
        ),
        SourceField(
            key=PEOPLE,
            label=marked("People of the organization too"),
            kind="choice",
            choices=("no", "yes"),
            default="no",
            help=marked("An administrator has to allow it"),
        ),
        SourceField(
            key="login_url",
            label=marked("Sign-in address"),
            kind="url",
            default="https://login.microsoftonline.com",
            help=marked("Another one for the clouds of some countries"),
        ),
    ),
)
