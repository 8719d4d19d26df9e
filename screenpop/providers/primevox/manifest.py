"""Static facts of the PrimeVOX adapter; importing it loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.providers.manifest import AccountField, ProviderManifest
from screenpop.wording import marked

if TYPE_CHECKING:
    from screenpop.providers.protocol import ProviderContext, TelephonyProvider

DEFAULT_INTERVAL_SECONDS: Final = 15
# The vendor's pages name these three operations but not their paths: each is named
# after its page in the manner of the two that are known. An option puts them right.
DETAILS_PATH: Final = "/api/call_details.php"
RECORDING_PATH: Final = "/api/call_recording.php"
NOTES_PATH: Final = "/api/call_notes.php"


def _create(context: ProviderContext) -> TelephonyProvider:
    from screenpop.providers.primevox.provider import PrimevoxProvider

    return PrimevoxProvider(context)


MANIFEST: Final = ProviderManifest(
    key="primevox",
    name="PrimeVOX",
    default_base_url="https://pbx.primevox.net",
    docs_path="vendors/primevox.md",
    create=_create,
    rings_name_extensions=False,
    line_map_option="did_map",
    fields=(
        AccountField(
            key="api_key",
            label=marked("API key"),
            kind="secret",
            help=marked(
                "From the Users area of the portal; best of a user made for it."
            ),
            is_required=True,
        ),
        AccountField(
            key="container_id",
            label=marked("Container ID"),
            kind="secret",
            help=marked(
                "The six digits in the top left corner of the portal's dashboard."
            ),
            is_required=True,
        ),
        AccountField(
            key="tenant_id",
            label=marked("Tenant ID"),
            help=marked("Three digits; empty for the container's default tenant."),
        ),
        AccountField(
            key="extension",
            label=marked("Your extension"),
            help=marked("Whose calls pop here, such as 101. Empty for everyone's."),
        ),
        AccountField(
            key="did_map",
            label=marked("Whose number is whose"),
            help=marked(
                "Such as 2025550100=101,2025550101=102+103. Calls to numbers that "
                "are not in it pop for everyone."
            ),
        ),
        AccountField(
            key="poll_interval_seconds",
            label=marked("Ask for calls every … seconds"),
            kind="number",
            default=str(DEFAULT_INTERVAL_SECONDS),
            help=marked(
                "At least 10. Everyone's screenpop asks, so more for many people."
            ),
        ),
        AccountField(
            key="details_path",
            label=marked("Path of the call details"),
            default=DETAILS_PATH,
            help=marked(
                "The vendor's pages do not name it; ask PrimeVOX if it is refused."
            ),
        ),
        AccountField(
            key="recording_path",
            label=marked("Path of the recordings"),
            default=RECORDING_PATH,
            help=marked(
                "The vendor's pages do not name it; ask PrimeVOX if it is refused."
            ),
        ),
        AccountField(
            key="notes_path",
            label=marked("Path of the call notes"),
            default=NOTES_PATH,
            help=marked(
                "The vendor's pages do not name it; ask PrimeVOX if it is refused."
            ),
        ),
        AccountField(
            key="base_url",
            label=marked("Address"),
            kind="url",
            default="https://pbx.primevox.net",
            help=marked("Only for a reseller of the same system or the simulator."),
        ),
    ),
)
