"""MobTexting's way of writing numbers, times, pages and answers."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from screenpop.simulator.http_server import json_answer
from screenpop.simulator.routing import Refusal
from screenpop.simulator.webhooks import WebhookFormat

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from screenpop.simulator.http_server import Answer, JsonObject

PER_PAGE = 15
REPORT = "voice:message:out"
EVENTS = frozenset(
    {
        REPORT,
        "voice:unsubscription",
        "sms:message:status",
        "whatsapp:message:in",
        "vmn:message:in",
    }
)
STEP_RINGING = "flow:ringing"
STEP_OVER = "flow:over"

WEBHOOK_FORMAT = WebhookFormat(
    type_keys=frozenset({"source"}),
    call_id_keys=frozenset({"id", "callId"}),
    number_keys=frozenset({"bridge", "from", "to"}),
    unknown_type="FAX",
)

_DIGITS = re.compile(r"[1-9][0-9]{6,14}")
_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_DAY = r"([A-Z][a-z]{2}) ([0-9]{2}), ([0-9]{4})"
# The page has spaces around the dash; a public client has none.
_RANGE = re.compile(rf"{_DAY} ?- ?{_DAY}")


def is_number(text: str) -> bool:
    """Whether `text` is a number with country code, in digits only."""
    return _DIGITS.fullmatch(text) is not None


def bare(number: str) -> str:
    """A number without its plus."""
    return number.removeprefix("+")


def stamp(at: datetime, utc_offset_minutes: int) -> str:
    """A moment without its zone."""
    local = at + timedelta(minutes=utc_offset_minutes)
    return local.strftime("%Y-%m-%d %H:%M:%S")


def clock_text(seconds: int) -> str:
    """A duration as the logs have it."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def new_uuid(chance: random.Random) -> str:
    """A repeatable UUID."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def success(data: object, message: str = "OK") -> Answer:
    """A good answer."""
    body: JsonObject = {"status": "OK", "code": 200, "message": message, "data": data}
    return json_answer(body)


def day_range(
    query: Mapping[str, str], name: str, utc_offset_minutes: int
) -> tuple[datetime, datetime] | None:
    """The first moment and the one after the last of a filter by days.

    Raises:
        Refusal: 422, when it is spelled another way.
    """
    text = query.get(f"datetime[{name}]")
    if text is None:
        return None
    found = _RANGE.fullmatch(text)
    if found is None or not {found[1], found[4]} <= set(_MONTHS):
        raise Refusal(422, "datetime must be like Apr 01, 2021 - Apr 12, 2021")
    try:
        first, last = (
            datetime(int(year), _MONTHS.index(month) + 1, int(day), tzinfo=UTC)
            for month, day, year in (found.group(1, 2, 3), found.group(4, 5, 6))
        )
    except ValueError:
        raise Refusal(422, "datetime holds a day that does not exist") from None
    shift = timedelta(minutes=utc_offset_minutes)
    return first - shift, last + timedelta(days=1) - shift


def page_answer(
    items: Sequence[JsonObject],
    query: Mapping[str, str],
    *,
    path: str,
    is_older: bool = False,
) -> Answer:
    """One page of 15, in the present wrapper or the older one.

    Raises:
        Refusal: 422, when the page's number is none.
    """
    text = query.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) < 1_000_000):
        raise Refusal(422, "page must be a number")
    number, total = int(text), len(items)
    last = max(1, -(-total // PER_PAGE))
    shown = list(items[(number - 1) * PER_PAGE : number * PER_PAGE])
    next_url = f"{path}?page={number + 1}" if number < last else None
    meta: JsonObject = {
        "current_page": number,
        "from": (number - 1) * PER_PAGE + 1 if shown else None,
        "last_page": last,
        "path": path,
        "per_page": PER_PAGE,
        "to": (number - 1) * PER_PAGE + len(shown) if shown else None,
        "total": total,
    }
    if is_older:
        return success({**meta, "data": shown, "next_page_url": next_url})
    links = {
        "first": f"{path}?page=1",
        "last": f"{path}?page={last}",
        "prev": f"{path}?page={number - 1}" if number > 1 else None,
        "next": next_url,
    }
    body: JsonObject = {"status": "OK", "code": 200, "message": "OK", "data": shown}
    return json_answer({**body, "links": links, "meta": meta})
