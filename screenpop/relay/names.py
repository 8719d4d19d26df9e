"""Every name on the broker, and the limits that go with it.

Subjects are made here and nowhere else, so that what a device's permissions say and
what the relay publishes cannot drift apart. Account ids and device ids are tokens of a
subject: letters, digits, ``-`` and ``_`` only.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from screenpop.domain.frozen import frozen

DAY_SECONDS: Final = 24 * 3600.0

INTAKE_STREAM: Final = "INTAKE"
DESKS_STREAM: Final = "DESKS"
INTAKE_SUBJECTS: Final = "intake.*"
DESKS_SUBJECTS: Final = "desk.*"
TEAM_SUBJECTS: Final = "team.*.*"
TEAM_NEWS_SUBJECTS: Final = "teamnews.*"

RELAYS_QUEUE: Final = "relays"
"""The queue group of all relay instances: one of them answers each team request."""

INTAKE_AGE_SECONDS: Final = 7 * DAY_SECONDS
DESK_AGE_SECONDS: Final = 7 * DAY_SECONDS
MOST_PER_DESK: Final = 10_000
"""What waits for one desk; the oldest go first. One that hears of all calls of a large
company gets a thousand in seconds."""
MOST_DESKS: Final = 100_000
"""A broker from 2.15 on lets a thousand read a stream unless told otherwise."""
DUPLICATE_WINDOW_SECONDS: Final = 600.0
"""How long the broker knows a message id: what comes twice within it is stored once."""

LONGEST_BODY: Final = 960 * 1024
"""Of one webhook, in bytes; the broker's own limit is 1 MiB a message with its head."""

MESSAGE_ID_HEADER: Final = "Nats-Msg-Id"

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Bucket(StrEnum):
    """The key-value buckets of a team.

    ENROLMENTS: the digest of a one-time code -> what it enrols.
    DEVICES: a device's id -> what it may see.
    CLAIMS: a call that somebody calls back -> who.
    PRESENCE: a device's id -> how its user is.
    RULES: the keyed hash of a number -> what the team says of it.
    HANDED: account and name -> a sealed secret that a vendor handed over.
    LEASES: a duty -> which relay instance has it.
    POSITIONS: a reader of a stream -> how far it has come.
    """

    ENROLMENTS = "ENROLMENTS"
    DEVICES = "DEVICES"
    CLAIMS = "CLAIMS"
    PRESENCE = "PRESENCE"
    RULES = "RULES"
    HANDED = "HANDED"
    LEASES = "LEASES"
    POSITIONS = "POSITIONS"


class TeamVerb(StrEnum):
    """What a device may ask of the relay, by ``team_subject``."""

    TIME = "time"
    SNAPSHOT = "snapshot"
    CLAIM = "claim"
    RELEASE = "release"
    DONE = "done"
    PRESENCE = "presence"
    RULE = "rule"


def is_token(text: str) -> bool:
    """Whether ``text`` may stand between two dots of a subject."""
    return bool(_TOKEN.fullmatch(text))


def _token(text: str) -> str:
    if not is_token(text):
        raise ValueError("not a token of a subject")
    return text


def intake_subject(account_id: str) -> str:
    """Where the raw deliveries of an account are published."""
    return f"intake.{_token(account_id)}"


def account_of_intake(subject: str) -> str:
    """The account of an intake subject; "" when it is none."""
    head, _, account_id = subject.partition(".")
    return account_id if head == "intake" and is_token(account_id) else ""


def desk_subject(device_id: str) -> str:
    """Where one device's copies are published."""
    return f"desk.{_token(device_id)}"


def desk_consumer(device_id: str) -> str:
    """The durable consumer of one device on ``DESKS_STREAM``, made by the relay."""
    return f"desk-{_token(device_id)}"


def team_subject(device_id: str, verb: TeamVerb) -> str:
    """Where a device asks; that it may publish there proves who it is."""
    return f"team.{_token(device_id)}.{verb.value}"


def asked_by(subject: str) -> tuple[str, TeamVerb] | None:
    """Which device asks what by a team subject; None when it is none of ours."""
    head, _, rest = subject.partition(".")
    device_id, _, verb = rest.partition(".")
    if head != "team" or not is_token(device_id) or verb not in set(TeamVerb):
        return None
    return device_id, TeamVerb(verb)


def team_news_subject(account_id: str) -> str:
    """Where the relays tell the devices of an account what has changed."""
    return f"teamnews.{_token(account_id)}"


def device_inbox(device_id: str) -> str:
    """The prefix of a device's private inboxes; its permissions say ``<this>.>``."""
    return f"_INBOX.{_token(device_id)}"


@frozen
class DeviceRights:
    """What the broker lets one device do, and nothing else.

    Attributes:
        may_publish: Subjects it may publish to.
        may_subscribe: Subjects it may subscribe to.
    """

    may_publish: tuple[str, ...]
    may_subscribe: tuple[str, ...]


def device_rights(device_id: str, account_ids: tuple[str, ...]) -> DeviceRights:
    """The subjects of one device: its own copies, its own requests, its own inbox.

    To ask how its consumer stands is not among them: each question that a device may
    put can be misused to have the broker answer somebody else, and a desktop can do
    without.
    """
    consumer = desk_consumer(device_id)
    return DeviceRights(
        may_publish=(
            f"$JS.API.CONSUMER.MSG.NEXT.{DESKS_STREAM}.{consumer}",
            f"$JS.ACK.{DESKS_STREAM}.{consumer}.>",
            f"team.{_token(device_id)}.>",
        ),
        may_subscribe=(
            f"{device_inbox(device_id)}.>",
            *(team_news_subject(account_id) for account_id in account_ids),
        ),
    )
