"""``screenpop doctor``: check this installation and say how to mend it."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.cli.account_desk import app_facts, listener_port
from screenpop.cli.desk import settings_file
from screenpop.cli.output import add_json_option, say, say_json, warn
from screenpop.config.paths import Paths

if TYPE_CHECKING:
    from screenpop.services.findings import Finding, Surroundings

LONGEST_PATIENCE: Final = 600.0
_MARK: Final = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The form, and whether to write a bundle."""
    add_json_option(parser)
    parser.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE",
        help="also write a zip archive for support, without keys and full numbers",
    )
    parser.add_argument(
        "--policy",
        action="store_true",
        help="say instead which value of each setting wins, from where, and why",
    )
    parser.add_argument(
        "--policy-file",
        type=Path,
        metavar="FILE",
        help="with --policy: as if FILE were this computer's policy; the exit status "
        "is 1 when anything is wrong with it",
    )
    parser.add_argument(
        "--patience",
        type=_seconds,
        default=20.0,
        metavar="SECONDS",
        help="how long a phone system may take for each answer; default 20",
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    # Written so that "nan" fails as well.
    if not 0 < seconds <= LONGEST_PATIENCE:
        raise argparse.ArgumentTypeError("give a number of seconds above 0")
    return seconds


def run(args: argparse.Namespace) -> int:
    """Look at everything; 1 when something does not work."""
    if args.policy or args.policy_file:
        from screenpop.cli.policy_report import report_policy

        return report_policy(args.policy_file, is_json=args.json)
    return asyncio.run(_examine(args.bundle, args.patience, is_json=args.json))


async def _examine(bundle: Path | None, patience: float, *, is_json: bool) -> int:
    from screenpop.services.diagnostics import examine
    from screenpop.services.findings import Level

    home = _surroundings(Paths.from_environment(), patience)
    try:
        findings = await examine(home)
    finally:
        await home.connections.aclose()
    if is_json:
        say_json(findings)
    else:
        for finding in findings:
            say(_lines(finding))
    if bundle is not None:
        _write(bundle, home, findings)
    failures = sum(each.level is Level.FAIL for each in findings)
    if failures:
        things = "thing does" if failures == 1 else "things do"
        warn(f"screenpop: {failures} {things} not work; see what is marked FAIL.")
    return 1 if failures else 0


def _surroundings(paths: Paths, patience: float) -> Surroundings:
    from screenpop.config.secrets import KeychainSecretStore
    from screenpop.services.callback_url import callback_url
    from screenpop.services.connections import Connections
    from screenpop.services.findings import Surroundings

    file = settings_file(paths)
    loaded = file.load()
    listener = loaded.settings.listener
    secrets = KeychainSecretStore(environment=os.environ)
    connections = Connections(secrets)
    connections.adopt(loaded.settings)
    app = app_facts(paths)
    port = listener_port(app) or listener.port
    return Surroundings(
        paths=paths,
        file=file,
        loaded=loaded,
        secrets=secrets,
        connections=connections,
        app=app,
        callback_url=lambda connection: callback_url(connection, listener, port),
        patience_seconds=patience,
    )


def _lines(finding: Finding) -> str:
    line = f"{_MARK[finding.level.value]}  {finding.area}: {finding.title}"
    return f"{line}\n      {finding.advice}" if finding.advice else line


def _write(path: Path, home: Surroundings, findings: tuple[Finding, ...]) -> None:
    """Write the bundle and say what is in it; standard output is for the findings."""
    from screenpop.services.support_bundle import make_bundle, write_bundle

    files = make_bundle(home, findings, _lines)
    write_bundle(path, files)
    warn(f"{path} holds, without keys and full numbers:")
    for file in files:
        warn(f"  {file.name} ({len(file.text)} characters)")
    warn("Look through it before you send it.")
