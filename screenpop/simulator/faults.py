"""What can go wrong at a vendor, on request.

Delivery faults change the webhooks a cloud sends; answer faults change what it
answers to requests. Each has one word for the command line, see :data:`FAULT_WORDS`.
"""

from __future__ import annotations

import random
import threading
from dataclasses import field, replace
from typing import TYPE_CHECKING

from screenpop.domain.errors import UsageError
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


@frozen(kw_only=True)
class Faults:
    """What a cloud does wrong from now on; nothing by default.

    Attributes:
        delay_seconds: Webhooks leave this much later.
        duplicate: How many extra copies of each webhook are sent.
        reorder: Webhooks leave in pairs, the later one first.
        drop_probability: Share of webhooks that are never sent, 0 to 1.
        drop_types: Event types, as the vendor spells them, that are never sent.
        missing_call_id: Webhooks come without the call's id.
        numbers_as_json_numbers: Phone numbers in webhooks are JSON numbers.
        bare_numbers: Phone numbers in webhooks lack their "+".
        extra_fields: Webhooks carry fields that no document names.
        unknown_event_type: Each webhook is followed by one of an unknown type.
        broken_json: Webhook bodies end in the middle.
        padding_bytes: Webhook bodies grow by this much.
        answer_delay_seconds: Every answer comes this much later.
        unauthorized: 401, whatever the key.
        forbidden: 403.
        quota: The account's limit is used up, where the vendor has one.
        throttle: 429.
        retry_after_seconds: What a 429 says in ``Retry-After``; None for silence.
        server_error: This 5xx status; 0 for none.
        hang: The request is carried out and never answered.
        lost_answer: The request is carried out, the connection closed unanswered.
        half_answer: The connection is closed in the middle of the answer.
        html_instead_of_json: 200 with a page of HTML.
        empty_answer: 200 with nothing.
        slow_drip_seconds: The pause after each byte of an answer.
        only_path: Answer faults hit only requests whose path contains this.
        first_requests: Answer faults hit only so many requests; 0 for all.
    """

    delay_seconds: float = 0.0
    duplicate: int = 0
    reorder: bool = False
    drop_probability: float = 0.0
    drop_types: frozenset[str] = field(default=frozenset())
    missing_call_id: bool = False
    numbers_as_json_numbers: bool = False
    bare_numbers: bool = False
    extra_fields: bool = False
    unknown_event_type: bool = False
    broken_json: bool = False
    padding_bytes: int = 0
    answer_delay_seconds: float = 0.0
    unauthorized: bool = False
    forbidden: bool = False
    quota: bool = False
    throttle: bool = False
    retry_after_seconds: float | None = None
    server_error: int = 0
    hang: bool = False
    lost_answer: bool = False
    half_answer: bool = False
    html_instead_of_json: bool = False
    empty_answer: bool = False
    slow_drip_seconds: float = 0.0
    only_path: str = ""
    first_requests: int = 0


NO_FAULTS = Faults()


class FaultSource:
    """The faults in force, the chance that decides, and how often they struck."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._faults = faults
        self._struck = 0

    @property
    def faults(self) -> Faults:
        """Those in force."""
        with self._lock:
            return self._faults

    def set(self, faults: Faults) -> None:
        """Put `faults` in force from the next request and webhook on."""
        with self._lock:
            self._faults = faults
            self._struck = 0

    def for_request(self, path: str) -> Faults:
        """The answer faults that hit a request for `path`."""
        with self._lock:
            faults = self._faults
            if faults.only_path not in path:
                return NO_FAULTS
            if faults.first_requests and self._struck >= faults.first_requests:
                return NO_FAULTS
            self._struck += 1
            return faults

    def drops(self, event_type: str) -> bool:
        """Whether a webhook of `event_type` is lost."""
        with self._lock:
            if event_type in self._faults.drop_types:
                return True
            return self._random.random() < self._faults.drop_probability


@frozen
class FaultWord:
    """One word of ``--fault``.

    Attributes:
        value: What may follow the equals sign; "" for nothing.
        says: What it does, for the help text.
        apply: Adds it to faults; raises ValueError for a value that makes no sense.
    """

    value: str
    says: str
    apply: Callable[[Faults, str], Faults]


def _switch(name: str, says: str) -> FaultWord:
    def apply(faults: Faults, value: str) -> Faults:
        if value:
            raise ValueError(value)
        return replace(faults, **{name: True})  # type: ignore[arg-type]

    return FaultWord("", says, apply)


def _amount(name: str, says: str, unit: str, default: float, kind: type) -> FaultWord:
    def apply(faults: Faults, value: str) -> Faults:
        amount = kind(value) if value else kind(default)
        # Written so that "nan" fails as well.
        if not 0 <= amount <= 1_000_000_000:
            raise ValueError(value)
        return replace(faults, **{name: amount})

    return FaultWord(unit, f"{says} (default {default:g})", apply)


def _drop(faults: Faults, value: str) -> Faults:
    if not value:
        return replace(faults, drop_probability=1.0)
    try:
        probability = float(value)
    except ValueError:
        return replace(faults, drop_types=frozenset(value.split(",")))
    if not 0 <= probability <= 1:
        raise ValueError(value)
    return replace(faults, drop_probability=probability)


def _throttle(faults: Faults, value: str) -> Faults:
    seconds = float(value) if value else None
    if seconds is not None and not 0 <= seconds <= 1_000_000:
        raise ValueError(value)
    return replace(faults, throttle=True, retry_after_seconds=seconds)


def _server_error(faults: Faults, value: str) -> Faults:
    status = int(value or "500")
    if not 500 <= status <= 599:
        raise ValueError(value)
    return replace(faults, server_error=status)


def _only(faults: Faults, value: str) -> Faults:
    if not value:
        raise ValueError(value)
    return replace(faults, only_path=value)


FAULT_WORDS: Mapping[str, FaultWord] = {
    "delay": _amount("delay_seconds", "webhooks come late", "SECONDS", 5, float),
    "duplicate": _amount("duplicate", "extra copies of each webhook", "COUNT", 1, int),
    "reorder": _switch("reorder", "webhooks come in the wrong order"),
    "drop": FaultWord("SHARE|TYPE,…", "webhooks get lost (default all)", _drop),
    "missing-call-id": _switch("missing_call_id", "webhooks without the call's id"),
    "json-numbers": _switch(
        "numbers_as_json_numbers", "phone numbers as JSON numbers in webhooks"
    ),
    "bare-numbers": _switch("bare_numbers", "phone numbers without + in webhooks"),
    "extra-fields": _switch("extra_fields", "unknown fields in webhooks"),
    "unknown-type": _switch("unknown_event_type", "webhooks of an unknown type too"),
    "broken-json": _switch("broken_json", "webhook bodies that end in the middle"),
    "padding": _amount(
        "padding_bytes", "huge webhook bodies", "BYTES", 10_000_000, int
    ),
    "answer-delay": _amount(
        "answer_delay_seconds", "answers come late", "SECONDS", 5, float
    ),
    "unauthorized": _switch("unauthorized", "401, whatever the key"),
    "forbidden": _switch("forbidden", "403"),
    "quota": _switch("quota", "the account's limit is used up"),
    "throttle": FaultWord("SECONDS", "429, with Retry-After if given", _throttle),
    "server-error": FaultWord("STATUS", "5xx (default 500)", _server_error),
    "hang": _switch("hang", "carried out, never answered"),
    "lost-answer": _switch("lost_answer", "carried out, connection closed unanswered"),
    "half-answer": _switch("half_answer", "the connection closes in mid-answer"),
    "html": _switch("html_instead_of_json", "a page of HTML instead of JSON"),
    "empty-answer": _switch("empty_answer", "200 with nothing"),
    "slow-drip": _amount(
        "slow_drip_seconds", "a pause after each byte", "SECONDS", 0.05, float
    ),
    "only": FaultWord("TEXT", "answer faults only where the path has TEXT", _only),
    "first": _amount(
        "first_requests", "answer faults only for so many requests", "COUNT", 1, int
    ),
}


def parse_fault(word: str, faults: Faults = NO_FAULTS) -> Faults:
    """`faults` and what ``NAME[=VALUE]`` adds to them.

    Raises:
        UsageError: No such fault, or a value that makes no sense for it.
    """
    name, _, value = word.partition("=")
    known = FAULT_WORDS.get(name.strip().replace("_", "-"))
    if known is None:
        raise UsageError(
            f"There is no fault called {name!r}", f"Known: {', '.join(FAULT_WORDS)}"
        )
    try:
        return known.apply(faults, value.strip())
    except ValueError:
        raise UsageError(
            f"{value!r} makes no sense for the fault {name}",
            f"It takes {known.value or 'no value'}: {known.says}",
        ) from None


def parse_faults(words: Iterable[str]) -> Faults:
    """Everything that several words ask for.

    Raises:
        UsageError: As for :func:`parse_fault`.
    """
    faults = NO_FAULTS
    for word in words:
        faults = parse_fault(word, faults)
    return faults


def describe_faults() -> str:
    """One line for each fault word, for a help text."""
    lines = []
    for name, word in FAULT_WORDS.items():
        spelling = f"{name}={word.value}" if word.value else name
        lines.append(f"{spelling:<24} {word.says}")
    return "\n".join(lines)
