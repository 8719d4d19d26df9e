"""Static facts of the Voxloud adapter; importing it loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.providers.manifest import AccountField, ProviderManifest
from screenpop.wording import marked

if TYPE_CHECKING:
    from screenpop.providers.protocol import ProviderContext, TelephonyProvider


def _create(context: ProviderContext) -> TelephonyProvider:
    from screenpop.providers.voxloud.provider import VoxloudProvider

    return VoxloudProvider(context)


MANIFEST: Final = ProviderManifest(
    key="voxloud",
    name="Voxloud",
    default_base_url="https://developer.voxloud.com",
    docs_path="vendors/voxloud.md",
    create=_create,
    fields=(
        AccountField(
            key="api_key",
            label=marked("API key"),
            kind="secret",
            help=marked("From the Voxloud dashboard, section API keys."),
            is_required=True,
        ),
        AccountField(
            key="extension",
            label=marked("Your extension"),
            help=marked("Whose calls pop here, such as 101. Empty for everyone's."),
        ),
        AccountField(
            key="dial_first",
            label=marked("When you dial, ring first"),
            kind="choice",
            choices=("extension", "contact"),
            default="extension",
            help=marked("Your own phone, or the person you call."),
        ),
        AccountField(
            key="outbound_number",
            label=marked("Number to show"),
            help=marked(
                "One of the phone system's numbers. Empty for your own default."
            ),
        ),
        AccountField(
            key="notification_email",
            label=marked("E-mail for warnings"),
            help=marked(
                "Voxloud writes there when it stops delivering calls to screenpop."
            ),
        ),
        AccountField(
            key="base_url",
            label=marked("Address"),
            kind="url",
            default="https://developer.voxloud.com",
            help=marked("Only for another region, a white label or the simulator."),
        ),
    ),
)
