"""Static facts of the MobTexting adapter; importing it loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.providers.manifest import AccountField, ProviderManifest
from screenpop.wording import marked

if TYPE_CHECKING:
    from screenpop.providers.protocol import ProviderContext, TelephonyProvider


def _create(context: ProviderContext) -> TelephonyProvider:
    from screenpop.providers.mobtexting.provider import MobTextingProvider

    return MobTextingProvider(context)


MANIFEST: Final = ProviderManifest(
    key="mobtexting",
    name="MobTexting",
    default_base_url="https://portal.mobtexting.com",
    docs_path="vendors/mobtexting.md",
    create=_create,
    rings_name_extensions=False,
    # Flow steps and composed webhooks may be set to any of these.
    hook_methods=frozenset({"GET", "POST", "PUT"}),
    fields=(
        AccountField(
            key="api_token",
            label=marked("Access token"),
            kind="secret",
            help=marked("From the MobTexting portal, Manage, API Keys."),
            is_required=True,
        ),
        AccountField(
            key="webhook_secret",
            label=marked("Webhook secret"),
            kind="secret",
            help=marked(
                "A long text of your own choosing. MobTexting sends it with every "
                "report, and your flow steps must send it too."
            ),
        ),
        AccountField(
            key="agent_number",
            label=marked("Your phone number"),
            help=marked("With country code. It rings first when you dial."),
        ),
        AccountField(
            key="outbound_number",
            label=marked("Number to show"),
            help=marked(
                "The MobTexting number (DID) that calls go through, with country code."
            ),
        ),
        AccountField(
            key="extension",
            label=marked("Your phone number, digits only"),
            help=marked(
                "With country code and without plus; used where no phone number is "
                "given above."
            ),
        ),
        AccountField(
            key="time_zone",
            label=marked("Time zone of the account"),
            help=marked(
                "Such as Asia/Kolkata, +05:30 or UTC. Empty for that of your country."
            ),
        ),
        AccountField(
            key="record_calls",
            label=marked("Record the calls you dial"),
            kind="choice",
            choices=("no", "yes"),
            default="no",
        ),
        AccountField(
            key="longest_minutes",
            label=marked("Longest call in minutes"),
            kind="number",
            help=marked("Calls you dial end after this. Empty for no limit."),
        ),
        AccountField(
            key="redials",
            label=marked("Redial when nobody answers"),
            kind="choice",
            choices=("0", "1", "2"),
            default="0",
            help=marked("How often MobTexting may ring again after one click."),
        ),
        AccountField(
            key="webhook_id",
            label=marked("Webhook for the calls you dial"),
            help=marked(
                "The id of a webhook made in the portal. Usually empty: screenpop "
                "subscribes to the reports of all calls."
            ),
        ),
        AccountField(
            key="flows",
            label=marked("Voice flows"),
            help=marked(
                "Those to offer, such as: 220 Reminder (Name, otp); 221 Survey."
            ),
        ),
        AccountField(
            key="flow_request",
            label=marked("Start voice flows as"),
            kind="choice",
            choices=("click-to-call", "outgoing"),
            default="click-to-call",
            help=marked(
                "Outgoing calls have a name and are tried again, click-to-calls can "
                "be recorded and limited."
            ),
        ),
        AccountField(
            key="campaign",
            label=marked("Name of outgoing calls"),
            help=marked(
                "What MobTexting calls those in which a sound or a flow speaks."
            ),
        ),
        AccountField(
            key="retry_minutes",
            label=marked("Try outgoing calls again after minutes"),
            kind="choice",
            choices=("0", "5", "15", "30", "45", "60"),
            default="0",
            help=marked("When nobody answers; 0 for never."),
        ),
        AccountField(
            key="base_url",
            label=marked("Address"),
            kind="url",
            default="https://portal.mobtexting.com",
            help=marked("Only for a white label or the simulator."),
        ),
    ),
)
