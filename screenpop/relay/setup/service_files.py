"""How the programs of a relay are kept running: systemd units, or a compose file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from pathlib import PurePath

USER: Final = "screenpop-relay"
STATE_FOLDER: Final = f"/var/lib/{USER}"
INSTANCES: Final = (1, 2)

_SANDBOX: Final = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=read-only
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
SystemCallArchitectures=native
UMask=0077"""

_COMPOSE: Final = """\
# Start with: docker compose up -d
name: screenpop

x-common: &common
  network_mode: host
  restart: always
  read_only: true
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  logging:
    driver: local

x-relay: &relay
  <<: *common
  build: { context: ./container }
  image: screenpop-relay
  user: "10001:10001"
  env_file: ./secrets.env
  stop_grace_period: 30s
  depends_on: [nats]
  volumes:
    - ./relay.toml:/etc/screenpop-relay/relay.toml:ro
    - spool:/var/lib/screenpop-relay/spool
  tmpfs: [/tmp]

services:
  nats:
    <<: *common
    image: nats:2.12-alpine
    command: ["-c", "/etc/nats/nats.conf"]
    stop_grace_period: 60s
    volumes:
      - ./nats.conf:/etc/nats/nats.conf:ro
      - nats:/var/lib/screenpop-relay/nats
@RELAYS@
  caddy:
    <<: *common
    image: caddy:2
    cap_add: [NET_BIND_SERVICE]
    volumes:
      - ./Caddyfile:/etc/caddy/Caddyfile:ro
      - certificates:/data
      - caddy:/config

volumes:
  nats:
  spool:
  certificates:
  caddy:
"""


@frozen(kw_only=True)
class Programs:
    """Where the programs and their files are.

    Attributes:
        folder: Of relay.toml, nats.conf and secrets.env.
        screenpop: The command, as an absolute path.
        nats: The broker's program, as an absolute path.
    """

    folder: PurePath
    screenpop: str
    nats: str


def relay_port(instance: int) -> int:
    """Where an instance takes webhooks, behind the web server."""
    return 8680 + instance


def admin_port(instance: int) -> int:
    """Where an instance tells its health and metrics, on this machine only."""
    return 8690 + instance


def nats_unit(programs: Programs) -> str:
    """``screenpop-nats.service``."""
    return f"""\
[Unit]
Description=Message broker of the team's screenpop relay
Documentation=https://docs.nats.io
After=network-online.target
Wants=network-online.target

[Service]
User={USER}
Group={USER}
StateDirectory={USER}
ExecStart={programs.nats} -c {programs.folder}/nats.conf
ExecReload=/bin/kill -HUP $MAINPID
# A broker that stands alone is back sooner if it does not wait for its clients to go
# elsewhere; in a cluster, make this SIGUSR2 and the time above its lame_duck_duration.
KillSignal=SIGTERM
TimeoutStopSec=60
Restart=always
RestartSec=1
LimitNOFILE=65536
{_SANDBOX}

[Install]
WantedBy=multi-user.target
"""


def relay_unit(programs: Programs) -> str:
    """``screenpop-relay@.service``: one for each instance, 1 and 2."""
    return f"""\
[Unit]
Description=The team's screenpop relay, instance %i
After=screenpop-nats.service network-online.target
Wants=screenpop-nats.service network-online.target

[Service]
User={USER}
Group={USER}
StateDirectory={USER}
EnvironmentFile={programs.folder}/secrets.env
ExecStart={programs.screenpop} relay serve --dir {programs.folder} --instance %i
# It finishes what it has taken, and hands its duties to the other instance.
KillSignal=SIGTERM
TimeoutStopSec=30
Restart=always
RestartSec=1
LimitNOFILE=16384
{_SANDBOX}

[Install]
WantedBy=multi-user.target
"""


def compose_file() -> str:
    """``compose.yaml``: the same programs and files, in containers of one host.

    They use the host's network, so that the addresses are those of the units, and
    nothing but the web server listens beyond the machine.
    """
    relays = "".join(
        f"""
  relay-{instance}:
    <<: *relay
    command: ["relay", "serve", "--dir", "/etc/{USER}", "--instance", "{instance}"]
"""
        for instance in INSTANCES
    )
    return _COMPOSE.replace("@RELAYS@", relays)


def container_file(version: str) -> str:
    """``container/Dockerfile``: the relay without anything for windows."""
    return f"""\
FROM python:3.12-slim
COPY requirements.txt /tmp/requirements.txt
# Without its own requirements: those of the desktop's windows are large.
RUN pip install --no-cache-dir -r /tmp/requirements.txt \\
 && pip install --no-cache-dir --no-deps screenpop=={version} \\
 && useradd --uid 10001 --no-create-home {USER} \\
 && install -d -o {USER} -g {USER} {STATE_FOLDER}/spool
USER {USER}
ENTRYPOINT ["screenpop"]
"""
