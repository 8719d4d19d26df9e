"""What commands ask the running app about its team."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from screenpop.domain.calls import CallRef
from screenpop.domain.errors import UsageError
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.services.application import Application
    from screenpop.services.team.claims import ClaimView
    from screenpop.services.team.sharing import TeamSharing


async def answer_team(
    app: Application, args: Mapping[str, object]
) -> Mapping[str, Any]:
    """Do what a command wants: say how it stands, claim a call or release it.

    Raises:
        UsageError: There is no team, no such call, or no such wish.
    """
    sharing = app.team.sharing
    if sharing is None:
        raise UsageError(
            tr("No team is joined here, or it is switched off"),
            tr("See `screenpop team status`."),
        )
    action = str(args.get("action", ""))
    if action == "facts":
        return await _facts(app, sharing)
    if action == "not-spam":
        return await _clear(app, str(args.get("number", "")))
    if action not in ("claim", "release"):
        raise UsageError(tr("The running app knows no such wish about a team"))
    ref = CallRef(str(args.get("account", "")), str(args.get("call", "")))
    return await _claim(app, sharing, ref, is_release=action == "release")


async def _facts(app: Application, sharing: TeamSharing) -> Mapping[str, Any]:
    waiting = await asyncio.to_thread(app.call_log.missed_open)
    claims = [
        {"account": row.account_id, "call": row.call_id, **_shown(view)}
        for row in waiting
        if (view := sharing.claims.view(row.account_id, row.remote_e164)) is not None
    ]
    return {
        "is_up_to_date": sharing.is_up_to_date,
        "problem": sharing.problem,
        "presence_is_sent": app.settings.team.presence,
        "rules_are_shared": app.settings.team.share_rules,
        "colleagues": [
            {
                "name": each.name,
                "state": each.state,
                "lines": [
                    {
                        "account": line.account_id,
                        "extension": line.extension,
                        "known_as": line.known_as,
                    }
                    for line in each.lines
                ],
            }
            for each in sharing.colleagues.people()
        ],
        "claims": claims,
    }


async def _clear(app: Application, text: str) -> Mapping[str, Any]:
    from screenpop.domain.numbers import read_number

    number = read_number(text, app.region)
    if not number.e164:
        raise UsageError(
            tr("Only a whole phone number can be marked"),
            tr("Write it with its country code, such as +44 …"),
        )
    before = app.callers.said.mark_of(number)
    await app.callers.marks.clear(number)
    return {"mark": before}


async def _claim(
    app: Application, sharing: TeamSharing, ref: CallRef, *, is_release: bool
) -> Mapping[str, Any]:
    row = await asyncio.to_thread(app.call_log.get, ref.account_id, ref.call_id)
    if row is None:
        raise UsageError(tr("There is no such call in the log"))
    claims = sharing.claims
    act = claims.release if is_release else claims.claim
    view = await act(row.account_id, row.remote_e164)
    if view is None:
        raise UsageError(
            tr("This call is not shared with a team"),
            tr("Its account must come by the relay, and its number must be whole."),
        )
    return _shown(view)


def _shown(view: ClaimView) -> dict[str, Any]:
    return {
        "holder": view.holder.value,
        "by": view.by,
        "is_confirmed": view.is_confirmed,
    }
