"""What commands show of a team: who has which caller, and how colleagues are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from screenpop.cli.desk import ask_app
from screenpop.domain.errors import InstanceError, UsageError
from screenpop.domain.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.config.paths import Paths
    from screenpop.domain.calls import CallRef

_STATES: Final = {
    "free": "free",
    "ringing": "phone is ringing",
    "call": "in a call",
    "away": "away",
}


def team_facts(paths: Paths) -> Mapping[str, Any]:
    """What the running app knows of the team; empty when there is nothing to know."""
    if not paths.team_file.exists():
        return {}
    try:
        return ask_app(paths, "team", {"action": "facts"})
    except (InstanceError, UsageError):
        return {}


def holders(paths: Paths) -> dict[tuple[str, str], str]:
    """Who has the caller of which call, by account and id."""
    return {
        (each["account"], each["call"]): holder_text(each)
        for each in team_facts(paths).get("claims", ())
    }


def holder_text(claim: Mapping[str, Any]) -> str:
    """Whose a caller is, in words; "" for nobody's."""
    who = {"me": "you", "colleague": plain(str(claim["by"]), 40)}
    text = who.get(claim["holder"], "")
    return f"{text} (not confirmed)" if text and not claim["is_confirmed"] else text


def presence_text(colleague: Mapping[str, Any]) -> str:
    """A line about one colleague."""
    name = plain(str(colleague["name"]), 40)
    known = [plain(str(line["known_as"]), 20) for line in colleague["lines"]]
    reached = ", ".join(dict.fromkeys(filter(None, known)))
    state = _STATES.get(colleague["state"], "")
    return f"{name} ({reached}): {state}" if reached else f"{name}: {state}"


def claim_call(paths: Paths, ref: CallRef, *, is_release: bool) -> str:
    """Claim the caller of a call, or let go; a sentence about whose they are.

    Raises:
        InstanceError: The app does not run.
        UsageError: There is no team, or the call is not shared.
    """
    claim = ask_app(
        paths,
        "team",
        {
            "action": "release" if is_release else "claim",
            "account": ref.account_id,
            "call": ref.call_id,
        },
    )
    sure = "" if claim["is_confirmed"] else " The team has not confirmed that yet."
    if claim["holder"] == "colleague":
        return f"{plain(str(claim['by']), 40)} has this caller.{sure}"
    if claim["holder"] == "me":
        return f"You have this caller.{sure}"
    return f"Nobody has this caller.{sure}"
