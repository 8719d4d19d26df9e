"""``screenpop lookup``: who is this number, from which source, and why."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from screenpop.cli.output import add_json_option, say, say_json, table
from screenpop.cli.people_desk import open_people
from screenpop.config.paths import Paths
from screenpop.domain.errors import UsageError

if TYPE_CHECKING:
    from screenpop.domain.contacts import ContactMatch
    from screenpop.lookup.protocol import LookupAnswer, SourceReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The number."""
    parser.add_argument(
        "number", nargs="+", metavar="NUMBER", help="as anybody would write it"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Ask every source and say what each knew."""
    return asyncio.run(_look_up(" ".join(args.number), is_json=args.json))


async def _look_up(text: str, *, is_json: bool) -> int:
    from screenpop.domain.numbers import read_number

    async with open_people(Paths.from_environment()) as desk:
        number = read_number(text, desk.region)
        if not number.key:
            raise UsageError(
                "That cannot be read as a phone number",
                "Write it with its country code, such as +44 …",
            )
        answer = await desk.lookup.ask(number, lambda _: None)
    if is_json:
        say_json(answer)
    else:
        _print(answer, desk.region)
    return 0


def _print(answer: LookupAnswer, region: str) -> None:
    from screenpop.domain.number_areas import area_of
    from screenpop.domain.numbers import country_of, format_number

    number = answer.number
    places = (area_of(number.e164), country_of(number.e164)) if number.e164 else ()
    place = ", ".join(filter(None, places))
    written = format_number(number, region) or number.key
    say(f"{written}{f' ({place})' if place else ''}")
    if answer.matches:
        table(
            ("who", "company", "why", "source", "as of"),
            (_match(match) for match in answer.matches),
        )
    else:
        say("Nobody known.")
    say()
    table(("asked", "said", "took"), (_report(report) for report in answer.reports))


def _match(match: ContactMatch) -> tuple[str, ...]:
    contact = match.contact
    company = contact.company if contact.name else ""
    why = [match.reason]
    if not match.is_sure:
        why.insert(0, "perhaps")
    if match.chosen_at is not None:
        why.insert(0, f"chosen by you {match.chosen_at.astimezone():%Y-%m-%d}")
    if match.is_joined:
        why.append("one person by your word")
    known_at = match.known_at
    return (
        contact.display_name,
        company,
        ", ".join(why),
        match.source_label,
        f"{known_at.astimezone():%Y-%m-%d %H:%M}" if known_at else "",
    )


def _report(report: SourceReport) -> tuple[str, ...]:
    said = report.problem or report.state.value
    return report.label, said, f"{report.took_seconds * 1000:.1f} ms"
