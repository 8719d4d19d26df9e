"""Static facts of the Tele2 adapter; importing it loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.providers.abilities import SupportsEventStream
from screenpop.providers.manifest import (
    AccountField,
    OptionalAbility,
    ProviderManifest,
)
from screenpop.providers.protocol import SupportsWebhookSubscription
from screenpop.wording import marked

if TYPE_CHECKING:
    from screenpop.providers.protocol import ProviderContext, TelephonyProvider


def _create(context: ProviderContext) -> TelephonyProvider:
    """The class that has just the abilities that the account's ``source`` means."""
    from screenpop.providers.tele2 import provider

    source = context.options.get("source", "")
    if source == "webhook":
        return provider.WebhookTele2(context)
    if source == "poll":
        return provider.PollingTele2(context)
    return provider.StreamingTele2(context)


MANIFEST: Final = ProviderManifest(
    key="tele2",
    name="Tele2 Mobili Stotele",
    default_base_url="https://mobili-stotele.tele2.lt",
    docs_path="vendors/tele2.md",
    create=_create,
    optional=(
        OptionalAbility(
            SupportsEventStream,
            marked("Set “How calls are seen” of the account to “Stream”."),
        ),
        OptionalAbility(
            SupportsWebhookSubscription,
            marked("Set “How calls are seen” of the account to “Webhook”."),
        ),
    ),
    fields=(
        AccountField(
            key="api_key",
            label=marked("API key"),
            kind="secret",
            help=marked(
                "From mobili-stotele.tele2.lt/integration; it must allow this "
                "computer's address and the methods to be used."
            ),
            is_required=True,
        ),
        AccountField(
            key="extension",
            label=marked("Your phone number"),
            help=marked(
                "The employee whose calls pop here, by number or id. Empty for "
                "everyone's."
            ),
        ),
        AccountField(
            key="source",
            label=marked("How calls are seen"),
            kind="choice",
            choices=("stream", "webhook", "poll"),
            default="stream",
            help=marked(
                "Over a connection that screenpop opens, by webhooks to a public "
                "address, or by asking again and again."
            ),
        ),
        AccountField(
            key="webhook_events",
            label=marked("Webhooks for"),
            kind="choice",
            choices=("all", "calls"),
            default="all",
            help=marked(
                "An account has room for 20 webhooks: all events take ten, calls "
                "alone four."
            ),
        ),
        AccountField(
            key="number_format",
            label=marked("Numbers are dialled as"),
            kind="choice",
            choices=("plus", "digits", "national", "bare"),
            default="plus",
            help=marked(
                "+370 and the rest, the same without plus, as within the country, or "
                "that without its first 0."
            ),
        ),
        AccountField(
            key="base_url",
            label=marked("Address"),
            kind="url",
            default="https://mobili-stotele.tele2.lt",
            help=marked(
                "Only for another brand of the same platform or the simulator."
            ),
        ),
    ),
)
