"""``screenpop account add``: fill in, try out, save."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING, Final

from screenpop.cli import terminal
from screenpop.cli.account_desk import open_accounts
from screenpop.cli.desk import settings_file
from screenpop.cli.output import say
from screenpop.config.paths import Paths
from screenpop.domain.errors import UsageError
from screenpop.domain.plain_text import plain
from screenpop.providers import registry

if TYPE_CHECKING:
    from screenpop.cli.account_desk import AccountDesk
    from screenpop.domain.privacy import Secret
    from screenpop.providers.manifest import AccountField, ProviderManifest
    from screenpop.providers.protocol import LineHolder
    from screenpop.services.accounts import AccountDraft

_PREFIX: Final = "field_"
_OF_EVERY_ACCOUNT: Final = {
    "label": "what you call the account",
    "region": "how to read its numbers without a country code, such as IT",
    "extension": "whose calls pop here; an empty one for everyone's",
    "base_url": "another region, a white label, the simulator",
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The arguments, those of the vendors' own fields among them."""
    parser = commands.add_parser(
        "add",
        help="add an account",
        description="Add an account. Keys are typed unseen, or read from standard "
        "input, one line each; they are never given as arguments.",
    )
    parser.add_argument("vendor", metavar="VENDOR", choices=registry.keys())
    parser.add_argument("--id", default="", help="a short name for the account")
    for key, (text, choices) in _options().items():
        parser.add_argument(
            f"--{key.replace('_', '-')}",
            dest=_PREFIX + key,
            metavar=None if choices else "TEXT",
            choices=choices or None,
            help=text.replace("%", "%%"),
        )
    for key in _secret_names():
        parser.add_argument(
            f"--{key.replace('_', '-')}", action=_RefusedSecret, help=argparse.SUPPRESS
        )
    parser.add_argument(
        "--secret-stdin",
        action="append",
        default=[],
        metavar="NAME",
        help="read this key from standard input; the next line for each further one",
    )
    parser.add_argument(
        "--no-check", action="store_true", help="save without asking the vendor"
    )
    parser.set_defaults(handler=_add)


class _RefusedSecret(argparse.Action):
    """A key on the command line, which other users of the machine could read."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        parser.error(
            f"{option_string}: keys are never given as arguments; pipe it in "
            f"(--secret-stdin {self.dest}) or type it when asked"
        )


def _secret_names() -> dict[str, None]:
    return dict.fromkeys(
        name for manifest in registry.manifests()[0] for name in manifest.secret_names()
    )


def _options() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Every field that is no secret, of whichever vendor: its help and choices."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {
        key: (text, ()) for key, text in _OF_EVERY_ACCOUNT.items()
    }
    for manifest in registry.manifests()[0]:
        for field in manifest.fields:
            if field.kind != "secret" and field.key not in found:
                found[field.key] = (field.help or field.label, field.choices)
    return found


def _add(args: argparse.Namespace) -> int:
    return asyncio.run(_add_account(args))


async def _add_account(args: argparse.Namespace) -> int:
    from screenpop.services.accounts import AccountDraft

    manifest = registry.manifest(args.vendor)
    paths = Paths.from_environment()
    # Before anybody types a key in vain.
    settings_file(paths).refuse_locked("accounts")
    fields = _fields(args, manifest)
    async with open_accounts(paths) as desk:
        draft = AccountDraft(
            account_id=args.id or _free_id(desk, args.vendor),
            vendor=args.vendor,
            fields=fields,
            secrets=_secrets(manifest, args.secret_stdin),
        )
        if desk.connections.find(draft.account_id) is not None:
            raise UsageError(
                f"There is already an account “{draft.account_id}”",
                "Choose another short name with --id.",
            )
        if not args.no_check:
            draft = await _tried(desk, draft, manifest)
        state = await desk.accounts.add(draft)
        desk.tell_app()
    say(f"The account {state.account_id} is added.")
    if not desk.app:
        say("Start screenpop to see its calls.")
    return 0


def _fields(args: argparse.Namespace, manifest: ProviderManifest) -> dict[str, str]:
    known = {field.key: field for field in manifest.fields if field.kind != "secret"}
    given = {
        key.removeprefix(_PREFIX): value
        for key, value in vars(args).items()
        if key.startswith(_PREFIX) and value is not None
    }
    foreign = given.keys() - known.keys() - _OF_EVERY_ACCOUNT.keys()
    if foreign:
        option = sorted(foreign)[0].replace("_", "-")
        raise UsageError(f"{manifest.name} has no --{option}")
    for field in known.values():
        if field.is_required and not given.get(field.key) and terminal.is_interactive():
            given[field.key] = terminal.ask(_label(field), field.default)
    return given


def _label(field: AccountField) -> str:
    return f"{field.label} ({field.help})" if field.help else field.label


def _secrets(manifest: ProviderManifest, from_stdin: list[str]) -> dict[str, Secret]:
    """What was piped in or typed: the named ones first, then those still required."""
    known = {field.key: field for field in manifest.fields if field.kind == "secret"}
    for name in from_stdin:
        if name not in known:
            raise UsageError(
                f"{manifest.name} has no secret called “{name}”",
                f"It has: {', '.join(known)}.",
            )
    # Piped lines are taken in the order given, or in that of the form.
    required = [field.key for field in known.values() if field.is_required]
    wanted = dict.fromkeys([*from_stdin, *required])
    if not terminal.is_interactive() and sys.stdin.isatty():
        raise UsageError(
            "The key cannot be typed unseen here", "Pipe it in, one line each."
        )
    return {name: terminal.read_secret(_label(known[name])) for name in wanted}


def _free_id(desk: AccountDesk, vendor: str) -> str:
    taken = {connection.account_id for connection in desk.connections.all()}
    number = 1
    proposed = vendor
    while proposed in taken:
        number += 1
        proposed = f"{vendor}-{number}"
    if terminal.is_interactive():
        return terminal.ask("Short name for the account", proposed)
    return proposed


async def _tried(
    desk: AccountDesk, draft: AccountDraft, manifest: ProviderManifest
) -> AccountDraft:
    """The draft after the vendor took it, with an extension of theirs."""
    from dataclasses import replace

    trial = await desk.accounts.try_out(draft)
    name = plain(trial.identity.name, 80)
    say(f"{manifest.name} accepts the key: {name}.")
    draft = trial.completed(draft)
    if not trial.users:
        return draft
    wanted = draft.fields.get("extension")
    if wanted is None:
        extension = _chosen_extension(trial.users)
        return replace(draft, fields={**draft.fields, "extension": extension})
    if wanted and wanted not in {user.extension for user in trial.users}:
        raise UsageError(
            f"Nobody there has the extension {wanted[:20]}",
            f"There are: {_listed(trial.users)}. --no-check saves it all the same.",
        )
    return draft


def _chosen_extension(users: tuple[LineHolder, ...]) -> str:
    if not terminal.is_interactive():
        raise UsageError(
            "Say whose calls pop here",
            f"Give --extension with one of: {_listed(users)}; or --extension= for "
            "everyone's calls.",
        )
    place = terminal.choose(
        "Whose calls pop here",
        [f"{user.extension}  {plain(user.name, 60)}" for user in users],
        "everyone's",
    )
    return "" if place is None else users[place].extension


def _listed(users: tuple[LineHolder, ...]) -> str:
    shown = [f"{user.extension} {plain(user.name, 40)}" for user in users[:20]]
    more = [f"and {len(users) - 20} more"] if len(users) > 20 else []
    return ", ".join([*shown, *more])
