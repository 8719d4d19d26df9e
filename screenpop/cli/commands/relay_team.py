"""``screenpop relay add-agent``, ``remove-agent``, ``agents``: who is in the team."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.cli import terminal
from screenpop.cli.output import say, say_json, table, warn
from screenpop.config.relay_settings import RelayFolder
from screenpop.domain.errors import UsageError
from screenpop.domain.plain_text import plain

if TYPE_CHECKING:
    from screenpop.relay.devices import Device, Line
    from screenpop.services.relay.team_desk import OpenCode, TeamDesk

_LONGEST_HOURS: Final = 24 * 30.0
_LONGEST_AGENT: Final = 60


def run(args: argparse.Namespace) -> int:
    """Do what the sub-command says."""
    return asyncio.run(_run(args))


async def _run(args: argparse.Namespace) -> int:
    from screenpop.services.relay.team_desk import open_team

    folder = RelayFolder(args.folder)
    loaded = folder.load()
    for problem in loaded.problems:
        warn(f"screenpop: {problem}")
    work = {"add": _add, "remove": _remove, "show": _show}[args.work]
    is_admin = args.work == "remove"
    async with open_team(folder, loaded.settings, is_admin=is_admin) as desk:
        return await work(desk, args)


async def _add(desk: TeamDesk, args: argparse.Namespace) -> int:
    agent = plain(args.agent, _LONGEST_AGENT).strip()
    if not agent:
        raise UsageError("The agent needs a name", "Any will do, such as “Ana”.")
    if not 0 < args.hours <= _LONGEST_HOURS:
        raise UsageError("A code works for up to 720 hours", "Choose --hours again.")
    named = await desk.named(tuple(map(_line, args.lines)))
    for each in named:
        if each.remark:
            warn(f"screenpop: {each.remark}.")
    lines = tuple(each.line for each in named)
    code = await desk.invite(agent, lines, timedelta(hours=args.hours))
    if args.json:
        say_json({"agent": agent, "code": code.text().reveal(), "lines": lines})
        return 0
    say(code.text().reveal())
    warn(
        f"This code lets one computer join as {agent}, once, for {args.hours:g} hours. "
        "Hand it over as you would a password."
    )
    return 0


def _line(text: str) -> Line:
    from screenpop.relay.devices import Line

    account, _, extension = text.partition(":")
    return Line(account.strip(), extension.strip())


async def _remove(desk: TeamDesk, args: argparse.Namespace) -> int:
    devices, codes = await desk.of_agent(args.agent)
    if not devices and not codes:
        raise UsageError(
            f"Nobody in the team is called “{plain(args.agent, 40)}”",
            "“screenpop relay agents” lists who is.",
        )
    count = len(devices)
    question = f"Cut off {count} computer{'' if count == 1 else 's'} of {args.agent}?"
    if not terminal.require_yes(question, is_given=args.yes):
        return 1
    for device in devices:
        await desk.remove(device.device_id)
        say(f"{device.device_id} is cut off.")
    if codes:
        await desk.withdraw(args.agent)
        say(f"{len(codes)} unused code{'' if len(codes) == 1 else 's'} withdrawn.")
    return 0


async def _show(desk: TeamDesk, args: argparse.Namespace) -> int:
    devices, codes = await desk.devices(), await desk.open_codes()
    if args.json:
        for device in devices:
            say_json({"kind": "computer", **_facts(device)})
        for code in codes:
            say_json({"kind": "code", "agent": code.agent, "lines": code.lines})
        return 0
    if not devices and not codes:
        say("Nobody is in the team yet; see `screenpop relay add-agent --help`.")
        return 0
    rows = [
        (
            device.agent,
            device.device_id,
            device.host,
            _lines_text(device.lines),
            _moment(device.joined_at),
        )
        for device in devices
    ]
    rows += [
        (code.agent, "", "", _lines_text(code.lines), _until(code)) for code in codes
    ]
    table(("agent", "computer", "called", "hears of", "joined"), rows)
    return 0


def _facts(device: Device) -> dict[str, object]:
    return {
        "agent": device.agent,
        "computer": device.device_id,
        "host": device.host,
        "lines": device.lines,
        "joined_at": device.joined_at,
    }


def _lines_text(lines: tuple[Line, ...]) -> str:
    return ", ".join(
        f"{one.account_id}:{one.shown}" if one.extension else one.account_id
        for one in lines
    )


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _until(code: OpenCode) -> str:
    return f"code open until {_moment(code.expires_at)}"
