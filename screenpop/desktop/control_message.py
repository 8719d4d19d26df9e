"""What the running app and a second start of the program say to each other.

One JSON object a line. A request is ``{"v": 1, "id": …, "verb": "dial", "args": {…}}``;
its answer holds the same ``id`` and either ``"result": {…}`` or ``"error": {"kind",
"title", "advice"}``. Imported by ``screenpop dial``, so it loads as little as possible.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from screenpop.domain.errors import PayloadError
from screenpop.wording import in_english, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION: Final = 1
LONGEST_REQUEST_BYTES: Final = 64 * 1024
LONGEST_ANSWER_BYTES: Final = 1024 * 1024

_LONGEST_ID: Final = 64


class ControlRequest(NamedTuple):
    """Something the running app is asked to do."""

    request_id: str | int | None
    verb: str
    args: Mapping[str, object]


class ControlAnswer(NamedTuple):
    """What the running app said.

    Attributes:
        is_ok: Whether it did what was asked.
        result: What it has to tell, when it did.
        error_kind: The name of the error's class, when it did not.
        title: What went wrong, when something did.
        advice: What the user can do about it; may be empty.
    """

    is_ok: bool
    result: Mapping[str, object]
    error_kind: str = ""
    title: str = ""
    advice: str = ""


def encode_request(request: ControlRequest) -> bytes:
    """The request as one line."""
    return _line(
        {
            "v": VERSION,
            "id": request.request_id,
            "verb": request.verb,
            "args": dict(request.args),
        }
    )


def decode_request(line: bytes) -> ControlRequest:
    """Read a request.

    Raises:
        PayloadError: It is none, or another version's.
    """
    message = _object(line)
    if message.get("v") != VERSION:
        raise PayloadError(
            tr("Another version of screenpop asked"),
            tr("Quit the running screenpop and start it again."),
        )
    verb = message.get("verb")
    args = message.get("args", {})
    if not isinstance(verb, str) or not isinstance(args, dict):
        raise PayloadError(tr("The request names no verb"))
    request_id = message.get("id")
    if isinstance(request_id, str):
        request_id = request_id[:_LONGEST_ID]
    elif type(request_id) is not int:
        request_id = None
    return ControlRequest(request_id, verb, args)


def encode_result(request_id: str | int | None, result: Mapping[str, object]) -> bytes:
    """A good answer as one line.

    Raises:
        TypeError: The result holds something that JSON has no form for.
    """
    return _line({"v": VERSION, "id": request_id, "result": dict(result)})


def encode_error(
    request_id: str | int | None, kind: str, title: str, advice: str = ""
) -> bytes:
    """A bad answer as one line."""
    error = {"kind": kind, "title": title, "advice": advice}
    return _line({"v": VERSION, "id": request_id, "error": error})


def decode_answer(line: bytes) -> ControlAnswer:
    """Read an answer.

    Raises:
        PayloadError: It is none.
    """
    message = _object(line)
    result, error = message.get("result"), message.get("error")
    if isinstance(result, dict):
        return ControlAnswer(is_ok=True, result=result)
    if not isinstance(error, dict):
        raise PayloadError(
            tr("The running screenpop gave an answer that makes no sense")
        )
    texts = (str(error.get(name, "")) for name in ("kind", "title", "advice"))
    return ControlAnswer(False, {}, *texts)


def _line(message: Mapping[str, object]) -> bytes:
    return (
        json.dumps(in_english(message), separators=(",", ":")).encode("ascii") + b"\n"
    )


def _object(line: bytes) -> dict[str, object]:
    try:
        message = json.loads(line.decode("utf-8"))
        # Half a surrogate pair gets through the parser and breaks whoever stores it.
        json.dumps(message, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise PayloadError(tr("The message is not JSON")) from None
    if not isinstance(message, dict):
        raise PayloadError(tr("The message is not a JSON object"))
    return message
