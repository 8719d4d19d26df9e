"""The texts that an administrator reads: relay.toml, heads of files, README."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from screenpop.relay.setup.service_files import STATE_FOLDER, USER

if TYPE_CHECKING:
    from pathlib import Path

SECRETS_HEAD: Final = """\
Secrets of the relay's programs. Keep it readable for root alone.
The keys of your phone systems go here as well, one a line:
SCREENPOP_SECRET_<ACCOUNT>_<NAME>=…
"""

ADMIN_HEAD: Final = """\
The administrator's keys: whoever has them decides who is in the team. Only
"screenpop relay remove-agent" reads this file. Keep a copy offline; the relay and the
broker do without it.
"""

_RELAY_TOML: Final = """\
# The team's relay. Secrets are not in here but in secrets.env.
# Both are read when the relay starts.

# region = "GB"                     # how to read a number without a country code

[relay]
name = @NAME@
public_url = @URL@        # what vendors and desktops call
spool = "@STATE@/spool"             # for what the broker cannot take now
# desktop_servers = ["wss://…"]     # if desktops come another way than @URL@/nats
# replicas = 3                      # with a cluster of three brokers

# Who hears of calls that name no extension:
# [[relay.lines]]
# account = "acme"
# line = "+442079460000"            # as the phone system writes it, or a queue's name
# extensions = ["101", "102"]

# One for each account of a phone system, as in a desktop's config.toml:
# [[accounts]]
# id = "acme"
# vendor = "voxloud"
"""

_README: Final = """\
# The relay of @NAME@

`screenpop relay init` wrote this folder. The full guide is docs/relay.md of screenpop.

| file | what it is |
|---|---|
| `relay.toml` | your accounts, and who hears of which line |
| `secrets.env` | keys of the relay and of your phone systems; root alone may read it |
| `admin.env` | keys that decide who is in the team; keep a copy offline |
| `nats.conf` | the broker |
| `Caddyfile` | the web server in front, with its certificate |
| `systemd/` | units for the broker and for two instances of the relay |
| `compose.yaml`, `container/` | the same in containers |

## Before the first start

1. Enter your accounts into `relay.toml`, and their keys into `secrets.env`. After a
   later change start the instances again, one after the other.
2. Let the name in @URL@ point to this machine, and ports 80 and 443 reach it.

## With systemd

    useradd --system --home-dir @STATE@ @USER@
    cp @PATH@/systemd/*.service /etc/systemd/system/
    cp @PATH@/Caddyfile /etc/caddy/Caddyfile
    systemctl daemon-reload
    systemctl enable --now screenpop-nats screenpop-relay@1 screenpop-relay@2
    systemctl reload caddy
    screenpop relay status --dir @PATH@

The last says how it is and what an account lacks; the log is in
`journalctl -u screenpop-relay@1`.

## With containers

    cd @PATH@
    docker compose up -d

The commands below then run inside, such as

    docker compose exec relay-1 screenpop relay agents --dir /etc/screenpop-relay

and `remove-agent`, which needs the administrator's keys, as

    docker compose run --rm --user 0 \
      -v ./secrets.env:/etc/screenpop-relay/secrets.env:ro \
      -v ./admin.env:/etc/screenpop-relay/admin.env:ro \
      relay-1 relay remove-agent --dir /etc/screenpop-relay "Ana Example"

## Phone systems

    screenpop relay hooks --dir @PATH@

says what each is to call, and what you have to enter there by hand.

## Computers

    screenpop relay add-agent --dir @PATH@ "Ana Example" --line acme:101
    screenpop relay agents --dir @PATH@
    screenpop relay remove-agent --dir @PATH@ "Ana Example"

The first prints a code that works once, for two days. On Ana's computer it goes into
screenpop's settings, page Team, or after `screenpop team join`.
"""


def relay_toml(name: str, public_url: str) -> str:
    """The text of relay.toml."""
    # JSON writes a text as TOML reads it.
    return _filled(
        _RELAY_TOML,
        {
            "@NAME@": json.dumps(name, ensure_ascii=False),
            "public_url = @URL@": f"public_url = {json.dumps(public_url)}",
            "@URL@": public_url,
            "@STATE@": STATE_FOLDER,
        },
    )


def readme(name: str, public_url: str, path: Path) -> str:
    """The text of README.md."""
    values = {
        "@NAME@": name,
        "@URL@": public_url,
        "@PATH@": str(path),
        "@STATE@": STATE_FOLDER,
        "@USER@": USER,
    }
    return _filled(_README, values)


def _filled(text: str, values: dict[str, str]) -> str:
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text
