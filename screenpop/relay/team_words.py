"""What desks of a team and their relay say to each other about work they share.

Requests are read strictly: whoever sends anything else than exactly this is told so and
nothing is done. What the relay says is read strictly as well, item by item; an item
that a newer relay may add is passed over.

No number and no name of a contact can be said with these words: a number is a keyed
hash, which whoever reads the broker cannot reverse, and the only names are those of
colleagues.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeAlias, cast

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.relay.devices import moment_of
from screenpop.relay.names import TeamVerb, is_token
from screenpop.wording import tr

VERSION: Final = 1
LARGEST_REQUEST: Final = 2048
"""In bytes."""
MOST_PERSONS: Final = 8
"""Hashes by which one rule may name a person: that of each entry, and of the name."""
CLAIM_SECONDS: Final = 4 * 3600.0
"""After so long a claim that came to nothing may be taken over."""
CLAIMS_KEPT_SECONDS: Final = 7 * 24 * 3600.0
"""How long a desk that was away can learn that a caller was done without it: as long as
its calls wait for it."""
PRESENCE_SECONDS: Final = 600.0
"""How long a desk that says nothing more counts as there."""

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST_TEXT: Final = 200
_MOST_ITEMS: Final = 5_000
_LARGEST: Final = 1024 * 1024
_LONGEST_SPREAD_SECONDS: Final = 600.0


class ClaimState(StrEnum):
    """What became of somebody who waits for a call back."""

    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"


class PresenceState(StrEnum):
    """How somebody of the team is; GONE when their desk is not there."""

    FREE = "free"
    RINGING = "ringing"
    CALL = "call"
    AWAY = "away"
    GONE = "gone"


class Verdict(StrEnum):
    """What the team says of a number; NONE once that was taken back."""

    NONE = "none"
    SPAM = "spam"
    PERSON = "person"


class Refusal(StrEnum):
    """Why the relay did not do what it was asked."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"
    TAKEN = "taken"
    FULL = "full"
    BUSY = "busy"


@frozen(kw_only=True)
class Claim:
    """Who takes care of a caller.

    Attributes:
        key: The keyed hash of account and number.
        device: Whose word it is, and ``agent`` their name.
        at: When, by the relay's clock.
        revision: More is later.
    """

    key: str
    state: ClaimState
    device: str
    agent: str
    at: datetime
    revision: int = 0


@frozen(kw_only=True)
class Presence:
    """How a colleague is.

    Attributes:
        extension: Theirs in the account that it is told for; "" for none.
        known_as: What people call that extension; "" for the extension itself.
    """

    device: str
    agent: str
    extension: str
    state: PresenceState
    at: datetime
    known_as: str = ""
    revision: int = 0


@frozen(kw_only=True)
class Rule:
    """What the team says of a number.

    Attributes:
        key: The keyed hash of the number.
        persons: Keyed hashes of who it is, any of which names them.
    """

    key: str
    verdict: Verdict
    device: str
    agent: str
    at: datetime
    persons: tuple[str, ...] = ()
    revision: int = 0


Item: TypeAlias = Claim | Presence | Rule


@frozen(kw_only=True)
class TeamRequest:
    """What a desk asks.

    Attributes:
        key: Of a claim or rule.
        presence: How its user is.
        verdict: What it says of a number, and with ``persons`` who that is.
        after: Of a snapshot: where the page before ended; "" for the first.
    """

    account_id: str = ""
    key: str = ""
    presence: PresenceState = PresenceState.FREE
    verdict: Verdict = Verdict.NONE
    persons: tuple[str, ...] = ()
    after: str = ""


@frozen(kw_only=True)
class TeamAnswer:
    """What the relay says to a request about one item.

    Attributes:
        refusal: None when it was done.
        item: What holds now, where there is something to tell.
    """

    refusal: Refusal | None = None
    item: Item | None = None


@frozen(kw_only=True)
class TeamNews:
    """Items that changed, or one page of all there are.

    Attributes:
        boot: Names the relay instance's time in office; another one may have left
            something out.
        number: Counts its messages to this account; one that is missing was lost.
        spread_seconds: Over how long the desks shall spread their questions.
        more: Of a snapshot: where to go on; "" when this was all.
    """

    boot: str
    number: int
    items: tuple[Item, ...] = ()
    spread_seconds: float = 0.0
    more: str = ""


# --- requests ------------------------------------------------------------------------

_MEMBERS: Final[Mapping[TeamVerb, frozenset[str]]] = {
    TeamVerb.TIME: frozenset(),
    TeamVerb.SNAPSHOT: frozenset({"account", "after"}),
    TeamVerb.CLAIM: frozenset({"account", "key"}),
    TeamVerb.RELEASE: frozenset({"account", "key"}),
    TeamVerb.DONE: frozenset({"account", "key"}),
    TeamVerb.PRESENCE: frozenset({"state"}),
    TeamVerb.RULE: frozenset({"account", "key", "verdict", "persons"}),
}


def write_request(verb: TeamVerb, request: TeamRequest) -> bytes:
    """A request as it travels."""
    members: dict[str, object] = {
        "account": request.account_id,
        "after": request.after,
        "key": request.key,
        "state": request.presence.value,
        "verdict": request.verdict.value,
        "persons": list(request.persons),
    }
    said = {name: members[name] for name in sorted(_MEMBERS[verb])}
    return _json({"v": VERSION, **said})


def read_request(verb: TeamVerb, raw: bytes) -> TeamRequest:
    """The request in a message.

    Raises:
        PayloadError: It is none; nothing may be done.
    """
    try:
        return _request(verb, _object(raw, LARGEST_REQUEST))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise PayloadError(tr("A request of a desk cannot be read")) from None


def _request(verb: TeamVerb, found: Mapping[str, object]) -> TeamRequest:
    if set(found) != {"v", *_MEMBERS[verb]}:
        raise ValueError("other members")
    has = _MEMBERS[verb].__contains__
    verdict = Verdict(_text(found, "verdict")) if has("verdict") else Verdict.NONE
    persons = _hashes(found["persons"]) if has("persons") else ()
    if (verdict is Verdict.PERSON) != bool(persons):
        raise ValueError("persons")
    state = PresenceState(_text(found, "state")) if has("state") else None
    account_id = _text(found, "account") if has("account") else ""
    if has("account") and not is_token(account_id):
        raise ValueError("account")
    return TeamRequest(
        account_id=account_id,
        key=_hash(found["key"]) if has("key") else "",
        presence=state or PresenceState.FREE,
        verdict=verdict,
        persons=persons,
        after=_text(found, "after") if has("after") else "",
    )


# --- answers and news ----------------------------------------------------------------


def write_answer(answer: TeamAnswer) -> bytes:
    """An answer as it travels."""
    return _json(
        {
            "v": VERSION,
            "refusal": answer.refusal.value if answer.refusal else "",
            "item": json.loads(write_item(answer.item)) if answer.item else None,
        }
    )


def read_answer(raw: bytes) -> TeamAnswer:
    """The answer in a message.

    Raises:
        PayloadError: It is none.
    """
    try:
        found = _object(raw)
        item = found["item"]
        refusal = _text(found, "refusal")
        return TeamAnswer(
            refusal=Refusal(refusal) if refusal else None,
            item=None if item is None else _item(item),
        )
    except (KeyError, TypeError, ValueError, RecursionError):
        raise _strange() from None


def write_news(news: TeamNews, items: tuple[bytes, ...] = ()) -> bytes:
    """News or a page of a snapshot; ``items`` are some that are written already."""
    head = _json(
        {
            "v": VERSION,
            "boot": news.boot,
            "n": news.number,
            "spread": news.spread_seconds,
            "more": news.more,
        }
    )
    written = (*items, *map(write_item, news.items))
    return head[:-1] + b',"items":[' + b",".join(written) + b"]}"


def read_news(raw: bytes) -> TeamNews:
    """The news in a message; items that are not known here are left out.

    Raises:
        PayloadError: It is none.
    """
    try:
        return _news(_object(raw))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise _strange() from None


def _news(found: Mapping[str, object]) -> TeamNews:
    listed, number, spread = found["items"], found["n"], found["spread"]
    if not isinstance(listed, list) or len(listed) > _MOST_ITEMS:
        raise TypeError("items")
    if type(number) is not int or not isinstance(spread, int | float):
        raise TypeError("numbers")
    items = [_known_item(each) for each in cast("list[object]", listed)]
    return TeamNews(
        boot=_text(found, "boot"),
        number=number,
        items=tuple(each for each in items if each is not None),
        # In this order: NaN is none, and an integer may be too large for a float.
        spread_seconds=float(min(max(0.0, spread), _LONGEST_SPREAD_SECONDS)),
        more=_text(found, "more"),
    )


def write_item(item: Item) -> bytes:
    """An item as it travels, and as the relay keeps it."""
    members: dict[str, object] = {
        "device": item.device,
        "agent": item.agent,
        "at": item.at.astimezone(UTC).isoformat(),
        "rev": item.revision,
    }
    if isinstance(item, Claim):
        members |= {"kind": "claim", "key": item.key, "state": item.state.value}
    elif isinstance(item, Rule):
        members |= {"kind": "rule", "key": item.key, "verdict": item.verdict.value}
        members["persons"] = list(item.persons)
    else:
        members |= {"kind": "presence", "ext": item.extension}
        members["state"] = item.state.value
        if item.known_as:
            members["known_as"] = item.known_as
    return _json(members)


def read_item(raw: bytes) -> Item:
    """An item as the relay keeps it.

    Raises:
        PayloadError: It is none.
    """
    try:
        return _item(json.loads(raw))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise _strange() from None


def _known_item(value: object) -> Item | None:
    try:
        return _item(value)
    except (KeyError, ValueError):
        return None


def _item(value: object) -> Item:
    if not isinstance(value, dict):
        raise TypeError("item")
    found = cast("Mapping[str, object]", value)
    device, agent = _text(found, "device"), _text(found, "agent")
    at = moment_of(found["at"])
    revision = found["rev"]
    if type(revision) is not int:
        raise TypeError("rev")
    kind = found["kind"]
    if kind == "claim":
        return Claim(
            key=_hash(found["key"]),
            state=ClaimState(_text(found, "state")),
            device=device,
            agent=agent,
            at=at,
            revision=revision,
        )
    if kind == "rule":
        return Rule(
            key=_hash(found["key"]),
            verdict=Verdict(_text(found, "verdict")),
            persons=_hashes(found["persons"]),
            device=device,
            agent=agent,
            at=at,
            revision=revision,
        )
    if kind != "presence":
        raise ValueError("kind")
    return Presence(
        device=device,
        agent=agent,
        extension=_text(found, "ext"),
        state=PresenceState(_text(found, "state")),
        at=at,
        known_as=_text(found, "known_as") if "known_as" in found else "",
        revision=revision,
    )


# --- parts ---------------------------------------------------------------------------


def _json(members: Mapping[str, object]) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode()


def _object(raw: bytes, largest: int = _LARGEST) -> Mapping[str, object]:
    if len(raw) > largest:
        raise ValueError("too large")
    found = json.loads(raw)
    if not isinstance(found, dict):
        raise TypeError("object")
    members = cast("Mapping[str, object]", found)
    version = members.get("v")
    if type(version) is not int or version != VERSION:
        raise ValueError("version")
    return members


def _text(found: Mapping[str, object], name: str) -> str:
    value = found[name]
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise TypeError(name)
    value.encode()  # half a surrogate pair cannot be shown or kept
    return value


def _hash(value: object) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise TypeError("hash")
    return value


def _hashes(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_PERSONS:
        raise TypeError("hashes")
    return tuple(_hash(each) for each in cast("list[object]", value))


def _strange() -> PayloadError:
    return PayloadError(
        tr("What the team's relay says cannot be read"),
        tr("The relay and this program may be of different versions: update both."),
    )
