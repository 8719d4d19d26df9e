"""``screenpop relay init``: write everything that a relay is run with."""

from __future__ import annotations

import argparse

from screenpop.cli.output import say, warn
from screenpop.domain.plain_text import plain


def run(args: argparse.Namespace) -> int:
    """Write the folder and say what comes next."""
    from screenpop.relay.setup.folder import FolderPlan, write_folder
    from screenpop.services.clock import utc_now

    name = plain(args.name, 60)
    plan = FolderPlan(path=args.folder, name=name, public_url=args.url.rstrip("/"))
    written = write_folder(plan, utc_now())
    for file in written.files:
        say(f"{args.folder / file}")
    for remark in written.remarks:
        warn(f"screenpop: {remark}")
    say(f"Next: read {args.folder / 'README.md'}.")
    return 0
