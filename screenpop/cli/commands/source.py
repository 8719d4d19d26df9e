"""``screenpop source``: contact sources, added, listed, checked, synced, removed."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from screenpop.cli import terminal
from screenpop.cli.output import add_json_option, say, say_json, table
from screenpop.cli.sign_in_page import show_sign_in_page
from screenpop.cli.source_desk import SourceDesk, open_sources
from screenpop.config.paths import Paths
from screenpop.domain.errors import UsageError
from screenpop.domain.plain_text import plain

if TYPE_CHECKING:
    from screenpop.domain.privacy import Secret
    from screenpop.lookup.manifest import SourceManifest

Work = Callable[[SourceDesk, argparse.Namespace], Awaitable[int]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command each."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")

    def add(name: str, text: str, work: Work) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}."
        )
        made.set_defaults(work=work)
        return made

    kinds = add("kinds", "what can be added, and what each needs", _kinds)
    kinds.add_argument("kind", nargs="?", default="", metavar="KIND")
    add_json_option(kinds)
    listing = add("list", "the sources there are", _list)
    add_json_option(listing)
    adding = add("add", "add a source", _add)
    adding.add_argument("kind", metavar="KIND", help="as `source kinds` lists it")
    adding.add_argument("--id", default="", help="short name for it")
    adding.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="values"
    )
    adding.add_argument(
        "--secret-stdin",
        action="append",
        default=[],
        metavar="NAME",
        help="read this secret from standard input, one line each",
    )
    adding.add_argument(
        "--no-check", action="store_true", help="save it unasked, sign in later"
    )
    for name, text, work in (
        ("sign-in", "sign in to a source in the browser, again too", _sign_in),
        ("check", "ask a source whether address and key are right", _check),
        ("sync", "copy a source's contacts to this computer now", _sync),
        ("remove", "remove a source, its key and the copy of its contacts", _remove),
        ("enable", "ask a source from now on", _enable),
        ("disable", "do not ask a source any more", _disable),
    ):
        made = add(name, text, work)
        made.add_argument("source", metavar="SOURCE")
        if name == "remove":
            made.add_argument("--yes", action="store_true", help="do not ask")
    secret = add("set-secret", "replace a key in the keychain", _set_secret)
    secret.add_argument("source", metavar="SOURCE")
    secret.add_argument("name", metavar="NAME")
    option = add("set", "change a setting; an empty value for its default", _set)
    option.add_argument("source", metavar="SOURCE")
    option.add_argument("values", nargs="+", metavar="KEY=VALUE")


def run(args: argparse.Namespace) -> int:
    """Do what the sub-command says."""
    return asyncio.run(_run(args))


async def _run(args: argparse.Namespace) -> int:
    work: Work = args.work
    async with open_sources(Paths.from_environment()) as desk:
        return await work(desk, args)


# --- looking ------------------------------------------------------------------------


async def _kinds(desk: SourceDesk, args: argparse.Namespace) -> int:
    if args.kind:
        _show_kind(_manifest(args.kind), is_json=args.json)
        return 0
    kinds = desk.setup.kinds()
    if args.json:
        for kind in kinds:
            say_json({"key": kind.key, "name": kind.name})
    else:
        table(("kind", "name"), [(kind.key, kind.name) for kind in kinds])
    return 0


def _manifest(kind: str) -> SourceManifest:
    from screenpop.lookup.registry import source_manifest

    return source_manifest(kind)


def _show_kind(manifest: SourceManifest, *, is_json: bool) -> None:
    if is_json:
        say_json(
            {"key": manifest.key, "name": manifest.name, "fields": manifest.fields}
        )
        return
    rows = [
        (
            each.key,
            each.label,
            "keychain" if each.kind == "secret" else each.default,
            "required" if each.is_required else "",
        )
        for each in manifest.fields
    ]
    table(("setting", "meaning", "default", ""), rows)


async def _list(desk: SourceDesk, args: argparse.Namespace) -> int:
    opened = desk.setup.all()
    copies = {each.source: each for each in desk.local.sources()}
    if args.json:
        for each in opened:
            copy = copies.get(each.source_id)
            say_json(
                {
                    "id": each.source_id,
                    "kind": each.settings.kind,
                    "label": each.label,
                    "is_enabled": each.settings.is_enabled,
                    "problem": each.problem,
                    "copied": copy.contacts if copy else 0,
                }
            )
    elif not opened:
        say("There is no contact source yet; see `screenpop source kinds`.")
    else:
        rows = []
        for each in opened:
            copy = copies.get(each.source_id)
            state = each.problem or ("" if each.settings.is_enabled else "switched off")
            copied = f"{copy.contacts} copied" if copy and copy.contacts else ""
            rows.append((each.source_id, each.settings.kind, each.label, copied, state))
        table(("source", "kind", "name", "contacts", "state"), rows)
    return 0


# --- changing ---------------------------------------------------------------------


async def _add(desk: SourceDesk, args: argparse.Namespace) -> int:
    from screenpop.cli.desk import settings_file
    from screenpop.services.source_setup import TOKENS, SourceDraft

    settings_file(desk.paths).refuse_locked("sources")
    manifest = _manifest(args.kind)
    fields = _fields(args.values, manifest)
    draft = SourceDraft(
        source_id=args.id or _free_id(desk, manifest.key),
        kind=manifest.key,
        fields=fields,
        secrets=_secrets(manifest, args.secret_stdin),
    )
    if not args.no_check:
        if manifest.sign_in is not None:
            tokens = await desk.setup.sign_in(draft, show_sign_in_page)
            draft = replace(draft, secrets={**draft.secrets, TOKENS: tokens})
        said = await desk.setup.try_out(draft)
        say(f"{manifest.name}: {plain(said, 200)}.")
    await desk.setup.add(draft)
    desk.tell_app()
    say(f"The source {draft.source_id} is added.")
    if args.no_check and manifest.sign_in is not None:
        say(f"Sign in with: screenpop source sign-in {draft.source_id}")
    return 0


def _fields(pairs: list[str], manifest: SourceManifest) -> dict[str, str]:
    given = dict(map(_pair, pairs))
    for each in manifest.fields:
        is_asked = each.is_required and each.kind != "secret"
        if is_asked and not given.get(each.key) and terminal.is_interactive():
            label = f"{each.label} ({each.help})" if each.help else each.label
            given[each.key] = terminal.ask(label, each.default)
    return given


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"“{text[:40]}” is no setting", "Write it as KEY=VALUE.")
    return key.strip().replace("-", "_"), value


def _secrets(manifest: SourceManifest, from_stdin: list[str]) -> dict[str, Secret]:
    """What was piped in or typed: the named ones first, then those still required."""
    known = {each.key: each for each in manifest.fields if each.kind == "secret"}
    for name in from_stdin:
        if name not in known:
            raise UsageError(
                f"{manifest.name} has no secret called “{name[:40]}”",
                f"It has: {', '.join(known) or 'none'}.",
            )
    required = [each.key for each in known.values() if each.is_required]
    wanted = dict.fromkeys([*from_stdin, *required])
    if wanted and not terminal.is_interactive() and sys.stdin.isatty():
        raise UsageError(
            "The key cannot be typed unseen here", "Pipe it in, one line each."
        )
    return {name: terminal.read_secret(known[name].label) for name in wanted}


def _free_id(desk: SourceDesk, kind: str) -> str:
    taken = {each.source_id for each in desk.setup.all()}
    proposed, number = kind, 1
    while proposed in taken:
        number += 1
        proposed = f"{kind}-{number}"
    return proposed


async def _sign_in(desk: SourceDesk, args: argparse.Namespace) -> int:
    await desk.setup.sign_in_again(args.source, show_sign_in_page)
    desk.tell_app(rekeyed=args.source)
    say(f"{plain(await desk.setup.check(args.source), 200)}.")
    return 0


async def _check(desk: SourceDesk, args: argparse.Namespace) -> int:
    say(f"{plain(await desk.setup.check(args.source), 200)}.")
    return 0


async def _sync(desk: SourceDesk, args: argparse.Namespace) -> int:
    from screenpop.lookup.protocol import SyncedSource
    from screenpop.services.source_sync import sync_source

    source: object = desk.sources.get(args.source).source
    if not isinstance(source, SyncedSource):
        raise UsageError(
            "This source is asked about each caller and not copied",
            "There is nothing to sync.",
        )
    report = await sync_source(source, desk.local)
    desk.tell_app()
    say(f"{report.changed} contacts came, {report.gone} went.")
    return 0


async def _remove(desk: SourceDesk, args: argparse.Namespace) -> int:
    desk.sources.get(args.source)
    if not terminal.require_yes(f"Remove {args.source}?", is_given=args.yes):
        return 1
    await desk.setup.remove(args.source)
    desk.tell_app()
    say(f"The source {args.source} is removed.")
    return 0


async def _enable(desk: SourceDesk, args: argparse.Namespace) -> int:
    return await _switch(desk, args.source, is_enabled=True)


async def _disable(desk: SourceDesk, args: argparse.Namespace) -> int:
    return await _switch(desk, args.source, is_enabled=False)


async def _switch(desk: SourceDesk, source_id: str, *, is_enabled: bool) -> int:
    await desk.setup.set_enabled(source_id, is_enabled=is_enabled)
    desk.tell_app()
    say(f"{source_id} is {'asked' if is_enabled else 'not asked'} from now on.")
    return 0


async def _set_secret(desk: SourceDesk, args: argparse.Namespace) -> int:
    desk.sources.get(args.source)
    secret = terminal.read_secret(args.name)
    await desk.setup.set_secret(args.source, args.name, secret)
    desk.tell_app(rekeyed=args.source)
    say("It is kept in the keychain.")
    return 0


async def _set(desk: SourceDesk, args: argparse.Namespace) -> int:
    for key, value in map(_pair, args.values):
        await desk.setup.set_option(args.source, key, value)
    desk.tell_app()
    say("It is set.")
    return 0
