"""What SmartMEX is asked: paths, parameters and bodies, from the same documents.

Every list but one must be given a mark: the id of the last thing already seen, 0 for
none. It answers 404 when there is nothing to list.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from screenpop.domain.json_fields import JsonValue


@frozen
class Listing:
    """How one of the vendor's lists is asked for.

    Attributes:
        path: Below ``/api/v2``.
        mark: The parameter with the id of the last thing already seen; it must be
            given, and "" where there is none.
        item_path: Where one thing is had by its id; "" for nowhere.
        id_field: What the things call their id.
    """

    path: str
    mark: str
    item_path: str
    id_field: str


CALLS: Final = Listing(
    "/trigger/call_history", "initial_call_id", "/call_history", "callID"
)
RECORDINGS: Final = Listing(
    "/trigger/call_records", "initial_record_id", "/call_records", "recordingID"
)
VOICEMAILS: Final = Listing(
    "/trigger/voicemails", "initial_voicemail_id", "/voicemails", "voicemailID"
)
LOST_CALLS: Final = Listing("/lost_calls", "", "", "")
EMPLOYEES: Final = Listing(
    "/trigger/contacts", "initial_contact_id", "/contacts", "contactID"
)
GROUPS: Final = Listing("/trigger/groups", "initial_group_id", "/groups", "groupID")
BOXES: Final = Listing(
    "/trigger/voicemail_boxes",
    "initial_box_id",
    "/voicemail_boxes",
    "voicemailBoxID",
)
ENDPOINTS: Final = Listing(
    "/trigger/voip_endpoints", "initial_endpoint_id", "/voip_endpoints", "id"
)
PROMPTS: Final = Listing(
    "/trigger/audio_prompts", "initial_prompt_id", "/audio_prompts", "id"
)


@frozen(kw_only=True)
class CallQuery:
    """Which calls, or recordings of calls."""

    source: str = ""
    destination: str = ""
    direction: str = ""
    contact_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def params(self) -> dict[str, str]:
        """As query parameters."""
        return _given(
            source=self.source,
            destination=self.destination,
            direction=self.direction,
            contact_id=self.contact_id,
            date_from=_stamp(self.since),
            date_to=_stamp(self.until),
        )


@frozen(kw_only=True)
class VoicemailQuery:
    """Which messages."""

    source: str = ""
    contact_id: str = ""
    box_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def params(self) -> dict[str, str]:
        """As query parameters."""
        return _given(
            source=self.source,
            contact_id=self.contact_id,
            box_id=self.box_id,
            date_from=_stamp(self.since),
            date_to=_stamp(self.until),
        )


@frozen(kw_only=True)
class LostCallQuery:
    """Which callers to call back."""

    destination: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def params(self) -> dict[str, str]:
        """As query parameters."""
        return _given(
            destination=self.destination,
            date_from=_stamp(self.since),
            date_to=_stamp(self.until),
        )


def page_params(
    listing: Listing, params: Mapping[str, str], *, seen: str, offset: int, limit: int
) -> dict[str, str]:
    """One page of a list: what is newer than the id ``seen``, "0" for all."""
    mark = {listing.mark: seen} if listing.mark else {}
    skipped = {"offset": str(offset)} if offset else {}
    return {**mark, **params, "limit": str(limit), **skipped}


def dial_body(destination: str, contact_id: str) -> dict[str, JsonValue]:
    """The body that has an employee's phone call ``destination``."""
    return {"destination": destination, "contactID": int(contact_id)}


def webhook_body(callback_url: str) -> dict[str, JsonValue]:
    """The body that makes a webhook."""
    return {"endpoint": callback_url}


def session_body(
    key: str, scope: str, event_types: tuple[str, ...]
) -> dict[str, JsonValue]:
    """The body that asks for a one-time key of the event stream."""
    return {"token": key, "scope": scope, "subscribe": list(event_types)}


def auth_message(session_key: str) -> dict[str, JsonValue]:
    """The first message on the event stream."""
    return {"type": "AuthRequest", "wss_token": session_key}


def _given(**texts: str) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def _stamp(moment: datetime | None) -> str:
    """UTC in the form of RFC 3339, which OpenAPI calls date-time."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
