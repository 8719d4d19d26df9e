"""Mango Voice's answers and ours, and what our requests are made of."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, JsonValue, read_json, storable
from screenpop.providers.mango_voice.payloads import (
    USER_FIELDS,
    UserPayload,
    read_user,
    record_name,
)
from screenpop.providers.mango_voice.requests import parameters_of, squeezed
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.providers.mango_voice.directory import Directory
    from screenpop.providers.mango_voice.requests import Parameters

# The longest e-mail address, and signs of an address or of further parameters.
_LONGEST_USER: Final = 254
_NO_USER: Final = frozenset('=/&{}[]"')

# --- Click2Call -----------------------------------------------------------------------


@frozen
class CallControlPayload:
    """How calls are started for one user.

    Attributes:
        url: A secret, for it holds the token of the phone system; "" for none.
        parameters: What to send back with every call; secrets as well.
    """

    url: str
    parameters: tuple[tuple[str, str], ...]
    user: UserPayload


def read_call_control(parameters: Parameters) -> CallControlPayload:
    """The set-up of Click2Call for one user, or its end."""
    fields = parameters.fields
    given = _raw(parameters.source, ("clicktocallparam", "clicktocallparams"), 4)
    return CallControlPayload(
        fields.text("clicktocallurl"), param_pairs(given), read_user(fields)
    )


def user_fields(parameters: Parameters) -> dict[str, JsonValue]:
    """The parameters that say whom a request is about, and no other.

    One that cannot be a user may hold what stood behind it, as when a separator was
    lost on the way: it is left out.
    """
    fields = parameters.fields.source
    return {
        name: fields[name]
        for name in USER_FIELDS
        if name in fields and _may_be_user(fields[name])
    }


def _may_be_user(value: JsonValue) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_USER and not _NO_USER.intersection(value)
    return isinstance(value, int | float | None)


def param_pairs(value: JsonValue) -> tuple[tuple[str, str], ...]:
    """Names and values of ``clicktocallparam``, in whichever way it is written.

    Tried: a list of ``{"name": …, "value": …}``, an object, either as text, and a form.
    A bare text is sent back under the parameter's own name.
    """
    if isinstance(value, str):
        text = value.strip()
        if text.startswith(("{", "[")):
            try:
                return param_pairs(read_json(text.encode("utf-8", "replace")).value)
            except PayloadError:
                return (("clicktocallparam", text),)
        pairs = parse_qsl(text, keep_blank_values=True) if "=" in text else []
        return tuple(pairs) or ((("clicktocallparam", text),) if text else ())
    if isinstance(value, list):
        return tuple(pair for item in value for pair in param_pairs(item))
    if not isinstance(value, dict):
        return ()
    fields = FieldReader(value)
    if "name" in value and "value" in value:
        return ((fields.text("name"), fields.text("value")),)
    return tuple((storable(name), fields.text(name)) for name in value)


def _raw(source: dict[str, JsonValue], names: tuple[str, ...], depth: int) -> JsonValue:
    """The first value under one of these squeezed names, however deep."""
    for key, value in source.items():
        if squeezed(key) in names:
            return value
    for value in source.values() if depth else ():
        if isinstance(value, dict):
            found = _raw(value, names, depth - 1)
            if found is not None:
                return found
    return None


# --- answers --------------------------------------------------------------------------

_LIST_NAMES: Final = (
    *("results", "data", "cdrs", "cdr", "records", "calls", "list", "objects"),
    *("items", "voicemails", "voicemail", "messages"),
)
_COUNT_NAMES: Final = ("count", "cdrcount", "total", "totalcount", "callcount")
_FAILURE_WORDS: Final = frozenset({"error", "failure", "failed", "fail", "denied"})


@frozen
class ListPayload:
    """A list, or a page of one.

    Attributes:
        next_url: Where the next page is; "" for nowhere. It may hold secrets.
    """

    items: tuple[dict[str, JsonValue], ...]
    next_url: str = ""


def read_list(value: JsonValue) -> ListPayload:
    """Call records or messages, bare or in any of the usual wrappers.

    ``?format=api`` is what Django REST framework calls its visual form, so that its
    pages (``results``, ``next``) are the likeliest wrapper.
    """
    if value is None:
        return ListPayload(())
    if isinstance(value, list):
        return ListPayload(_objects(value))
    if not isinstance(value, dict):
        raise unreadable_answer()
    fields = FieldReader(value)
    by_name = {squeezed(name): inner for name, inner in value.items()}
    for name in _LIST_NAMES:
        inner = by_name.get(name)
        if isinstance(inner, list):
            return ListPayload(_objects(inner), fields.text("next"))
        if isinstance(inner, dict):
            return read_list(inner)
    if record_name(value) or "read_epoch" in value:
        return ListPayload((value,))
    if not value:
        return ListPayload(())
    raise unreadable_answer()


def read_count(value: JsonValue) -> int:
    """How many call records there are, bare or in an object."""
    if isinstance(value, dict):
        flat = parameters_of(value).fields
        found = (flat.number(name) for name in _COUNT_NAMES)
        number = next((each for each in found if each is not None), None)
    else:
        number = FieldReader({"count": value}).number("count")
    if number is None or not 0 <= number < _MOST_CALLS:
        raise unreadable_answer()
    return int(number)


_MOST_CALLS: Final = 1_000_000_000


def is_refused(value: JsonValue) -> bool:
    """Whether an answer says in so many words that it was not done."""
    if not isinstance(value, dict):
        return False
    fields = FieldReader(value)
    status = squeezed(fields.text("status", "result"))
    return status in _FAILURE_WORDS or fields.flag("success") is False


def _objects(items: list[JsonValue]) -> tuple[dict[str, JsonValue], ...]:
    return tuple(item for item in items if isinstance(item, dict))


def unreadable_answer() -> PayloadError:
    """An answer that is JSON but not what was asked for."""
    return PayloadError(
        tr("{service} gave an answer of an unknown shape", service="Mango Voice"),
        tr("Its interface may have changed; look for an update of screenpop."),
    )


# --- our answers and requests ---------------------------------------------------------


def active_users_body(directory: Directory, wrapper: str) -> bytes:
    """The active users as a JSON array, in an object under ``wrapper`` if given."""
    users = [
        {"id": user.user_id, "name": user.name, "email": user.email}
        for user in directory.users
    ]
    return json.dumps({wrapper: users} if wrapper else users).encode()


def switchboard_body(option: str) -> bytes:
    """Where the call goes on."""
    return json.dumps({"status": "success", "option": option}).encode()


@frozen(kw_only=True)
class CallFilters:
    """Which call records to list or count; nothing for all of the last 30 days."""

    extension: str = ""
    since: datetime | None = None
    until: datetime | None = None
    direction: str = ""
    record_id: str = ""
    call_id: str = ""


def filter_path(filters: CallFilters, *, encodes_all: bool, uuid_mark: str) -> str:
    """The filters as the path segments of the document, in its order.

    Args:
        filters: Which.
        encodes_all: Percent-encode the dates' ``=``, ``&`` and ``:`` too.
        uuid_mark: What stands between ``call_uuid`` and the id, ``/`` or ``=``.
    """
    segments: list[str] = []
    if filters.extension:
        segments += ["extension", quote(filters.extension, safe="")]
    moments = {"start_date": filters.since, "end_date": filters.until}
    dates = "&".join(f"{name}={_stamp(at)}" for name, at in moments.items() if at)
    if dates:
        segments += ["daterange", quote(dates, safe="" if encodes_all else "=&:")]
    if filters.direction:
        segments += ["direction", quote(filters.direction, safe="")]
    if filters.record_id:
        segments += ["recording", quote(filters.record_id, safe="")]
    path = "".join(f"/{segment}" for segment in segments)
    if filters.call_id:
        path += f"/call_uuid{uuid_mark}{quote(filters.call_id, safe='')}"
    return path


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
