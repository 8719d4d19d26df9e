"""``screenpop status``: how the running app is doing."""

from __future__ import annotations

import argparse

from screenpop.cli.desk import ask_app
from screenpop.cli.output import add_json_option, say, say_json
from screenpop.config.paths import Paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only the form."""
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Ask the running app and print what it says."""
    facts = ask_app(Paths.from_environment(), "status", {})
    if args.json:
        say_json(facts)
        return 0
    say(f"screenpop {facts['version']} runs as process {facts['pid']}")
    for account in facts["accounts"]:
        last = account["last_event_at"] or "never"
        say(f"  {account['id']}: {account['headline']} (last event: {last})")
    listener, latency = facts["listener"], facts["latency"]
    if listener["is_running"]:
        say(f"  webhooks: port {listener['port']}, {listener['accepted']} accepted")
    else:
        say("  webhooks: not listening")
    for name, text in (
        ("vendor_to_here", "vendor to here"),
        ("here_to_card", "here to card"),
    ):
        if latency[name]["count"]:
            say(
                f"  {text}: p50 {latency[name]['p50_ms']} ms, "
                f"p99 {latency[name]['p99_ms']} ms"
            )
    queues = facts["queues"]
    say(f"  waiting: {queues['deliveries']} deliveries, {queues['store']} writes")
    say(f"  missed calls to call back: {facts['calls']['missed']}")
    if facts["memory_mib"] is not None:
        say(f"  memory: {facts['memory_mib']} MiB")
    return 0
