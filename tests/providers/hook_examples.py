"""Every example of the vendors' documents, as a request to a hook address."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from screenpop.providers import registry

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_ROOT: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRequest:
    """What a vendor, or a broken one, sends.

    Attributes:
        vendor: Whose account it goes to.
        name: Which example it is, or is made of.
        path: What follows the secret, percent-encoded.
        query: Without "?", percent-encoded.
    """

    vendor: str
    name: str
    body: bytes
    content_type: str = JSON
    method: str = "POST"
    path: str = ""
    query: str = ""


# What the document has the vendor send to an endpoint of its own.
_PLATFORM_PATHS: Final = {
    "platform_callringing": "/mango/callringing",
    "platform_callanswered": "/mango/callanswered",
    "platform_callmissed": "/mango/callmissed",
    "platform_calldialed": "/mango/calldialed",
    "platform_callhangup": "/mango/callhangup",
    "platform_callhangup_outbound": "/mango/callhangup",
    "platform_callcontrol": "/callcontrol",
    "platform_integrate": "/mango/integrate",
}


def examples(vendor: str) -> tuple[HookRequest, ...]:
    """All recorded payloads of a vendor, webhooks or not: anything may arrive."""
    folder = _ROOT / vendor / "fixtures"
    return tuple(_example(vendor, file) for file in sorted(folder.iterdir()))


def documented(vendor: str) -> tuple[HookRequest, ...]:
    """What the vendor's documents show or list as sent to a webhook."""
    by_name = {example.name: example for example in examples(vendor)}
    return tuple(by_name[name] for name in _DOCUMENTED[vendor])


def all_examples() -> tuple[HookRequest, ...]:
    """The examples of all vendors."""
    return tuple(each for vendor in registry.BUILT_IN for each in examples(vendor))


def _example(vendor: str, file: Path) -> HookRequest:
    body = file.read_bytes()
    if file.suffix != ".form":
        return HookRequest(vendor=vendor, name=file.stem, body=body)
    if file.stem == "switchboard":
        return HookRequest(
            vendor=vendor,
            name=file.name,
            body=b"",
            content_type="",
            method="GET",
            path="/switchboard",
            query=body.decode(),
        )
    return HookRequest(
        vendor=vendor,
        name=file.name,
        body=body,
        content_type=FORM,
        path=_PLATFORM_PATHS.get(file.stem, ""),
    )


_DOCUMENTED: Final = {
    "voxloud": (
        "call_started_internal",
        "call_incoming_bare",
        "phone_call_bare",
        "fax_bare",
        "click_to_call_bare",
        "history_fax",
        "history_cancelled",
        "answer_history",
    ),
    "mango_voice": (
        *(f"{name}.form" for name in _PLATFORM_PATHS),
        "switchboard.form",
        "call_logs",
        "line_ringing",
        "voicemail_of_call",
    ),
    "primevox": (
        "hook_inbound_call.form",
        "hook_hangup_call.form",
        "message_inbound",
        "message_outbound",
        "call_bare",
    ),
    "mobtexting": (
        "report",
        "report_as_printed",
        "report_flow",
        "report_campaign",
        "challenge",
        "step_ringing",
    ),
    "tele2": (
        "call_started",
        "call_connected",
        "call_completed",
        "call_transfered",
        "call_recorded",
        "lost_caller_added",
        "lost_caller_updated",
        "lost_caller_removed",
        "voicemail_created",
        "voicemail_deleted",
    ),
}


def value_of(request: HookRequest) -> object:
    """The payload of an example as a JSON value; a form's as an object of texts.

    Raises:
        ValueError: It is no JSON, as one of the documents prints it.
    """
    from urllib.parse import parse_qsl

    if request.query:
        return dict(parse_qsl(request.query, keep_blank_values=True))
    if request.content_type == FORM:
        return dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    found: object = json.loads(request.body)
    return found
