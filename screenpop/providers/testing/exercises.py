"""Every request that an adapter can make, ready to be tried."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from screenpop.domain.contacts import ContactDraft
from screenpop.providers import abilities, mailbox, narrowed_lists, protocol
from screenpop.providers.protocol import HistoryQuery, OriginateRequest, Subscription

RECEIVED_AT: Final = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NUMBER: Final = "+12025550123"
CALLBACK_URL: Final = "https://pop.example.com/hooks/acme/SEKRET-token"
WITHOUT_REQUESTS: Final = frozenset(
    {
        "SupportsDeliveryEffects",
        "SupportsDeskSecrets",
        "SupportsEventStream",
        "SupportsLiveSetup",
        "SupportsNews",
        "SupportsPollingOnly",
        "SupportsPreparation",
        "SupportsSecretDeliveries",
        "SupportsFurtherEvents",
        "SupportsSubscriptionLimit",
        "SupportsWebhook",
    }
)
"""The abilities that send nothing by themselves, or not over HTTP."""

Exercises: TypeAlias = dict[str, Callable[[], Awaitable[object]]]
_QUERY: Final = HistoryQuery(number=NUMBER, since=RECEIVED_AT)


def exercises(provider: object) -> Exercises:
    """Every request that the provider can make, each with a number where it fits."""
    found: Exercises = {}
    for exercise in (_check, *_BY_ABILITY.values()):
        found |= exercise(provider)
    return found


def exercises_of(ability: str, provider: object) -> Exercises:
    """Those of one ability, by its name; none when the provider does not have it."""
    return _BY_ABILITY[ability](provider)


def _check(p: Any) -> Exercises:
    return {"check": p.check}


def _subscriptions(p: object) -> Exercises:
    if not isinstance(p, protocol.SupportsWebhookSubscription):
        return {}
    subscription = Subscription(
        subscription_id="s", callback_url=CALLBACK_URL, event_type="X"
    )
    return {
        "list_subscriptions": p.list_subscriptions,
        "get_subscription": lambda: p.get_subscription(NUMBER),
        "create_subscription": lambda: p.create_subscription(CALLBACK_URL, "X"),
        "update_subscription": lambda: p.update_subscription(subscription),
        "delete_subscription": lambda: p.delete_subscription(NUMBER),
        "ensure_subscriptions": lambda: p.ensure_subscriptions(CALLBACK_URL),
        "drop_subscriptions": lambda: p.drop_subscriptions(CALLBACK_URL),
    }


def _polling(p: object) -> Exercises:
    if not isinstance(p, protocol.SupportsCallPolling):
        return {}
    since = RECEIVED_AT - timedelta(minutes=5)
    return {
        "poll": lambda: p.poll(since),
        "fetch_call": lambda: p.fetch_call(NUMBER),
    }


def _history(p: object) -> Exercises:
    if not isinstance(p, protocol.SupportsCallHistory):
        return {}
    return {
        "history": lambda: p.history(_QUERY),
        "record": lambda: p.record(NUMBER),
        "records_of_call": lambda: p.records_of_call(NUMBER),
    }


def _export(p: object) -> Exercises:
    if not isinstance(p, protocol.SupportsHistoryExport):
        return {}
    return {"export_history": lambda: p.export_history(_QUERY)}


def _dialling(p: object) -> Exercises:
    if not isinstance(p, protocol.SupportsClickToDial):
        return {}
    dial = OriginateRequest(number=NUMBER, extension="101", caller_id=NUMBER)
    return {
        "prepare_dial": lambda: p.prepare_dial(dial),
        "originate": lambda: p.originate(dial),
    }


def _dial_resources(p: object) -> Exercises:
    if not isinstance(p, protocol.SupportsDialResources):
        return {}
    first = protocol.DialFirst.EXTENSION
    return {
        "list_dial_resources": p.list_dial_resources,
        "get_dial_resource": lambda: p.get_dial_resource(NUMBER),
        "create_dial_resource": lambda: p.create_dial_resource(
            "n", "101", NUMBER, first
        ),
        "delete_dial_resource": lambda: p.delete_dial_resource(NUMBER),
        "connect_dial_resource": lambda: p.connect_dial_resource("r", NUMBER),
    }


def _users(p: object) -> Exercises:
    if not isinstance(p, protocol.SupportsUsers):
        return {}
    return {"list_users": p.list_users}


def _contact_search(p: object) -> Exercises:
    if not isinstance(p, protocol.SupportsContactSearch):
        return {}
    return {
        "find_by_number": lambda: p.find_by_number(NUMBER),
        "search_contacts": lambda: p.search_contacts(NUMBER),
        "get_contact": lambda: p.get_contact(NUMBER),
    }


def _contact_editing(p: object) -> Exercises:
    if not isinstance(p, protocol.SupportsContactEditing):
        return {}
    draft = ContactDraft("Ada", numbers=(NUMBER,))
    return {
        "create_contact": lambda: p.create_contact(draft),
        "update_contact": lambda: p.update_contact(NUMBER, draft),
        "delete_contact": lambda: p.delete_contact(NUMBER),
    }


def _recordings(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsRecordings):
        return {}
    return {"recording": lambda: p.recording(NUMBER)}


def _recording_download(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsRecordingDownload):
        return {}
    return {"download_recording": lambda: p.download_recording(NUMBER)}


def _voicemail(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsVoicemail):
        return {}
    return {
        "list_voicemails": p.list_voicemails,
        "get_voicemail": lambda: p.get_voicemail(NUMBER),
    }


def _voicemail_editing(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsVoicemailEditing):
        return {}
    return {
        "mark_heard": lambda: p.mark_heard(NUMBER),
        "delete_voicemail": lambda: p.delete_voicemail(NUMBER),
    }


def _voicemail_filters(p: object) -> Exercises:
    if not isinstance(p, mailbox.SupportsVoicemailFilters):
        return {}
    only = mailbox.VoicemailFilter(caller=NUMBER, since=RECEIVED_AT)
    return {"filter_voicemails": lambda: p.filter_voicemails(only)}


def _voicemail_download(p: object) -> Exercises:
    if not isinstance(p, mailbox.SupportsVoicemailDownload):
        return {}
    return {"download_voicemail": lambda: p.download_voicemail("4711")}


def _lost_caller_filters(p: object) -> Exercises:
    if not isinstance(p, mailbox.SupportsLostCallerFilters):
        return {}
    only = mailbox.LostCallerFilter(line=NUMBER, since=RECEIVED_AT)
    return {"filter_lost_callers": lambda: p.filter_lost_callers(only)}


def _call_notes(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsCallNotes):
        return {}
    note = abilities.CallNote("Call back", needs_follow_up=True, severity=2)
    return {"write_note": lambda: p.write_note(NUMBER, note)}


def _timeline(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsTimeline):
        return {}
    return {"timeline": lambda: p.timeline(NUMBER)}


def _lost_callers(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsLostCallers):
        return {}
    return {"list_lost_callers": p.list_lost_callers}


def _catalogues(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsCatalogues):
        return {}
    return {
        f"catalogue {name}": lambda name=name: p.catalogue(name)  # type: ignore[misc]
        for name in p.catalogue_names
    }


def _catalogue_items(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsCatalogueItems):
        return {}
    names = p.catalogue_names if isinstance(p, abilities.SupportsCatalogues) else ()
    return {
        f"item of {name}": lambda name=name: p.catalogue_item(name, "4711")  # type: ignore[misc]
        for name in names
    }


def _catalogue_choices(p: object) -> Exercises:
    if not isinstance(p, narrowed_lists.SupportsCatalogueChoices):
        return {}
    names = p.catalogue_names if isinstance(p, abilities.SupportsCatalogues) else ()
    chosen = {"since": "2026-11-01"}
    return {
        f"narrowed {name}": lambda name=name: p.choose_catalogue(name, chosen)  # type: ignore[misc]
        for name in names
        if narrowed_lists.SINCE in p.catalogue_choices(name)
    }


def _history_filters(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsHistoryFilters):
        return {}
    only = abilities.HistoryFilter(extension="101", caller=NUMBER, callee=NUMBER)
    return {"filter_history": lambda: p.filter_history(_QUERY, only)}


def _choice(p: abilities.SupportsHistoryChoices) -> dict[str, str]:
    first = p.history_choices[0]
    return {first.key: first.choices[0][0] if first.choices else "101"}


def _history_choices(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsHistoryChoices):
        return {}
    return {"choose_history": lambda: p.choose_history(_QUERY, _choice(p))}


def _call_count(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsCallCount):
        return {}
    return {"count_calls": lambda: p.count_calls(_QUERY, {})}


def _flow_calls(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsFlowCalls):
        return {}
    call = abilities.FlowCall(number=NUMBER, flow_id="220", caller_id=NUMBER)
    return {"start_flow": lambda: p.start_flow(call)}


def _text_messages(p: object) -> Exercises:
    if not isinstance(p, abilities.SupportsTextMessages):
        return {}
    return {"list_text_messages": p.list_text_messages}


_BY_ABILITY: Final[dict[str, Callable[[object], Exercises]]] = {
    "SupportsWebhookSubscription": _subscriptions,
    "SupportsCallPolling": _polling,
    "SupportsCallHistory": _history,
    "SupportsHistoryExport": _export,
    "SupportsClickToDial": _dialling,
    "SupportsDialResources": _dial_resources,
    "SupportsUsers": _users,
    "SupportsContactSearch": _contact_search,
    "SupportsContactEditing": _contact_editing,
    "SupportsRecordings": _recordings,
    "SupportsRecordingDownload": _recording_download,
    "SupportsVoicemail": _voicemail,
    "SupportsVoicemailEditing": _voicemail_editing,
    "SupportsVoicemailFilters": _voicemail_filters,
    "SupportsVoicemailDownload": _voicemail_download,
    "SupportsLostCallerFilters": _lost_caller_filters,
    "SupportsCallNotes": _call_notes,
    "SupportsTimeline": _timeline,
    "SupportsLostCallers": _lost_callers,
    "SupportsCatalogues": _catalogues,
    "SupportsCatalogueItems": _catalogue_items,
    "SupportsCatalogueChoices": _catalogue_choices,
    "SupportsHistoryFilters": _history_filters,
    "SupportsHistoryChoices": _history_choices,
    "SupportsCallCount": _call_count,
    "SupportsFlowCalls": _flow_calls,
    "SupportsTextMessages": _text_messages,
}
KNOWN_ABILITIES: Final = frozenset(_BY_ABILITY) | WITHOUT_REQUESTS
