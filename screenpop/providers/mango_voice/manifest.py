"""Static facts of the Mango Voice adapter; importing it loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.providers.manifest import AccountField, ProviderManifest
from screenpop.wording import marked

if TYPE_CHECKING:
    from screenpop.providers.protocol import ProviderContext, TelephonyProvider


def _create(context: ProviderContext) -> TelephonyProvider:
    from screenpop.providers.mango_voice.provider import MangoVoiceProvider

    return MangoVoiceProvider(context)


MANIFEST: Final = ProviderManifest(
    key="mango_voice",
    name="Mango Voice",
    default_base_url="https://api.mangovoice.com",
    docs_path="vendors/mango_voice.md",
    create=_create,
    # It reads the active users by GET and switches things off by DELETE.
    hook_methods=frozenset({"GET", "POST", "DELETE"}),
    fields=(
        AccountField(
            key="auth_token",
            label=marked("Authorization token"),
            kind="secret",
            help=marked(
                "From the Mango Voice admin portal: Integrations, Authorization."
            ),
        ),
        AccountField(
            key="ident1",
            label=marked("Token part ident1"),
            kind="secret",
            help=marked("Only when you were given the token in three parts."),
        ),
        AccountField(key="ident2", label=marked("Token part ident2"), kind="secret"),
        AccountField(key="ident3", label=marked("Token part ident3"), kind="secret"),
        AccountField(
            key="security_token",
            label=marked("Webhook security token"),
            kind="secret",
            help=marked("What you told Mango Voice to send in x-mango-security-token."),
        ),
        AccountField(
            key="click_to_call",
            label=marked("Click2Call address"),
            kind="secret",
            help=marked(
                "Mango Voice hands it over by itself; only when that cannot be."
            ),
        ),
        AccountField(
            key="extension",
            label=marked("Your extension"),
            help=marked("Whose calls pop here, such as 101. Empty for everyone's."),
        ),
        AccountField(
            key="active_users",
            label=marked("Active users"),
            help=marked(
                "Told to Mango Voice: 101=Amelia Hart <amelia@example.com>, 102=…"
            ),
        ),
        AccountField(
            key="switchboard_option",
            label=marked("Switchboard option"),
            help=marked(
                "What the interactive webhook of a Switchboard is answered: the "
                "option or extension that calls normally take."
            ),
        ),
        AccountField(
            key="switchboard_pops",
            label=marked("Show calls at the Switchboard"),
            kind="choice",
            choices=("yes", "no"),
            default="yes",
            help=marked("Before an extension is chosen."),
        ),
        AccountField(
            key="number_parameter",
            label=marked("Click2Call parameter for the number"),
            default="tonumber",
            help=marked("Mango Voice's documents have lost its name."),
        ),
        AccountField(
            key="click_to_call_format",
            label=marked("Click2Call is sent as"),
            kind="choice",
            choices=("form", "json"),
            default="form",
        ),
        AccountField(
            key="number_format",
            label=marked("Click2Call numbers are written"),
            kind="choice",
            choices=("e164", "digits", "national"),
            default="e164",
            help=marked("+12025550123, 12025550123 or 2025550123."),
        ),
        AccountField(
            key="user_base_url",
            label=marked("Address of voicemail and Click2Call"),
            kind="url",
            help=marked("Empty for https://apiuser.mangovoice.com."),
        ),
        AccountField(
            key="base_url",
            label=marked("Address"),
            kind="url",
            default="https://api.mangovoice.com",
            help=marked("Only for the simulator."),
        ),
    ),
)
