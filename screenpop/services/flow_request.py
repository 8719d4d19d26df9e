"""Read what another start of the program wants the phone system to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.dialing import FlowSpeech
from screenpop.domain.errors import UsageError
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_VARIABLES: Final = 20
LONGEST_NAME: Final = 60
LONGEST_TEXT: Final = 500


def speech_of(args: Mapping[str, object]) -> FlowSpeech | None:
    """The speech in a request's ``flow``, ``audio`` and ``variables``; None without.

    Raises:
        UsageError: Both a flow and a sound, or variables that cannot be meant.
    """
    flow_id, audio_id = (str(args.get(key) or "") for key in ("flow", "audio"))
    given = args.get("variables") or {}
    if not flow_id and not audio_id:
        if given:
            raise UsageError(tr("Variables are for a flow; name it with --flow"))
        return None
    if flow_id and audio_id:
        raise UsageError(tr("Either a flow or a recorded sound can speak, not both"))
    return FlowSpeech(
        flow_id=flow_id[:LONGEST_NAME],
        audio_id=audio_id[:LONGEST_TEXT],
        variables=checked_variables(given),
    )


def checked_variables(given: object) -> tuple[tuple[str, str], ...]:
    """Names and texts that a flow can be told.

    Raises:
        UsageError: There are too many, or one is too long or has no name.
    """
    pairs = list(given.items()) if isinstance(given, dict) else []
    if len(pairs) > MOST_VARIABLES:
        raise UsageError(
            tr(
                "A flow takes at most {count} variables from here",
                count=MOST_VARIABLES,
            )
        )
    found = tuple((str(name).strip(), str(text).strip()) for name, text in pairs)
    for name, text in found:
        is_plain = name.isprintable() and not set(name) & set("[]=")
        if not name or len(name) > LONGEST_NAME or not is_plain:
            raise UsageError(tr("The name of a variable is missing or not plain"))
        if len(text) > LONGEST_TEXT:
            raise UsageError(
                tr(
                    "The text of a variable is longer than {count} characters",
                    count=LONGEST_TEXT,
                )
            )
    return found
