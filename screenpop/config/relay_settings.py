"""``relay.toml``: what a team's relay is told, and the folder that it stands in.

``screenpop relay init`` writes the folder; the relay and its administrator's commands
read it. Secrets are in two files beside it, or in the environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from screenpop.config.section_reader import SectionReader, SettingsProblem
from screenpop.config.settings import LogLevel
from screenpop.config.settings_reader import read_settings
from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.config.settings import AccountSettings, Settings

RELAY_FILE: Final = "relay.toml"
SECRETS_FILE: Final = "secrets.env"
ADMIN_FILE: Final = "admin.env"
DESKTOP_PATH: Final = "/nats"
"""Where the web server in front hands desktops on to the broker."""

_LARGEST_BYTES: Final = 1_000_000
_HIGHEST_PORT: Final = 65535
_BROKER_SCHEMES: Final = ("nats://", "tls://", "ws://", "wss://")


@frozen(kw_only=True)
class LineRule:
    """Who hears of calls that name no extension.

    Attributes:
        account: The id of the account.
        line: The number or the queue that was called, as the phone system writes it.
        extensions: Who hears of it.
    """

    account: str
    line: str
    extensions: tuple[str, ...]


@frozen(kw_only=True)
class RelaySettings:
    """Everything a relay is told that is no secret.

    Attributes:
        name: What the team is called.
        public_url: What vendors and desktops call, without a trailing slash.
        host: Where the public part listens, behind a web server that does TLS.
        admin_host: Where health and metrics are asked for; never open to the internet.
        admin_port: The port for that.
        brokers: Where the relay finds the broker.
        trusts_network: The broker may be reached unencrypted on another machine, as
            inside the network of a compose file.
        desktop_servers: Where desktops find the broker.
        spool: The folder for what the broker cannot take now.
        spool_megabytes: How large that may become.
        replicas: How many servers of a broker's cluster keep each message.
        leave_seconds: How long a relay that is told to end still answers, so that the
            web server in front notices.
        log_level: The least that is logged.
        lines: Who hears of calls that name no extension.
        accounts: The phone systems' accounts.
        region: How to read a number without a country code.
    """

    name: str = "Our team"
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8681
    admin_host: str = "127.0.0.1"
    admin_port: int = 8691
    brokers: tuple[str, ...] = ("nats://127.0.0.1:4222",)
    trusts_network: bool = False
    desktop_servers: tuple[str, ...] = ()
    spool: Path = Path("spool")
    spool_megabytes: int = 1024
    replicas: int = 1
    leave_seconds: float = 3.0
    log_level: LogLevel = "info"
    lines: tuple[LineRule, ...] = ()
    accounts: tuple[AccountSettings, ...] = ()
    region: str = ""

    def account(self, account_id: str) -> AccountSettings | None:
        """The account of that id, if there is one."""
        return next((one for one in self.accounts if one.id == account_id), None)


@frozen
class LoadedRelay:
    """What was read.

    Attributes:
        problems: Everything wrong in the file; the rest holds.
    """

    settings: RelaySettings
    problems: tuple[SettingsProblem, ...]


class RelayFolder:
    """The folder that ``screenpop relay init`` wrote."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self.path = path

    def load(self) -> LoadedRelay:
        """What relay.toml says.

        Raises:
            ConfigurationError: There is none, or it cannot be read at all.
        """
        import tomllib

        file = self.path / RELAY_FILE
        try:
            with file.open("rb") as stream:
                raw = stream.read(_LARGEST_BYTES)
            table = tomllib.loads(raw.decode("utf-8-sig"))
        except FileNotFoundError:
            raise ConfigurationError(
                f"There is no {RELAY_FILE} in {self.path}",
                "“screenpop relay init” writes one; --dir says where it is.",
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ConfigurationError(
                f"{file} cannot be read: {reason}", "Mend the file and try again."
            ) from error
        return read_relay(table, self.path)

    def secrets(self, *, of_admin: bool = False) -> dict[str, str]:
        """The variables of secrets.env, under those of the environment.

        Args:
            of_admin: Those of admin.env as well.

        Raises:
            ConfigurationError: A file that must be there cannot be read.
        """
        # A service manager reads them as root and hands them over.
        values = self._variables(SECRETS_FILE, is_needed=of_admin)
        if of_admin:
            values |= self._variables(ADMIN_FILE, is_needed=True)
        ours = {
            name: value
            for name, value in os.environ.items()
            if name.startswith("SCREENPOP_")
        }
        return values | ours

    def _variables(self, name: str, *, is_needed: bool) -> dict[str, str]:
        file = self.path / name
        try:
            return read_env(file.read_text("utf-8"))
        except FileNotFoundError:
            if not is_needed:
                return {}
            raise ConfigurationError(
                f"There is no {name} in {self.path}",
                "This command needs the administrator's keys: run it where "
                "“screenpop relay init” was run.",
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            if isinstance(error, PermissionError) and not is_needed:
                return {}
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise ConfigurationError(
                f"{file} cannot be read: {reason}",
                "Run this as the user that the relay runs as, or as root.",
            ) from error


def read_env(text: str) -> dict[str, str]:
    """The variables of an environment file; a line that is none is left out."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        name, sign, value = line.strip().partition("=")
        if sign and name.replace("_", "").isalnum():
            values[name] = value.strip().strip("\"'")
    return values


def read_relay(table: Mapping[str, Any], folder: Path) -> LoadedRelay:
    """Settings out of a parsed relay.toml; every problem found, none of them fatal.

    Args:
        table: The document.
        folder: What relative paths are relative to.
    """
    problems: list[SettingsProblem] = []
    reader = SectionReader(table, "", problems)
    shared = read_settings(
        {key: table[key] for key in ("accounts", "region") if key in table}
    )
    problems += shared.problems
    settings = _read_relay(reader.section("relay"), shared.settings, folder)
    known = {"relay", "accounts", "region"}
    for key in table:
        if key not in known:
            text = "screenpop does not know this setting; it is ignored"
            problems.append(SettingsProblem(key, text, is_warning=True))
    return LoadedRelay(settings, tuple(problems))


def _read_relay(
    section: SectionReader, shared: Settings, folder: Path
) -> RelaySettings:
    default = RelaySettings()
    public_url = section.url("public_url")
    servers = section.texts("desktop_servers", _check_broker)
    if not public_url:
        section.complain("public_url", "this must be the relay's https address")
    ids = {account.id for account in shared.accounts}
    lines = tuple(_read_line(each, ids) for each in section.sections("lines"))
    settings = RelaySettings(
        name=section.text("name", default.name),
        public_url=public_url,
        host=section.text("host", default.host),
        port=section.whole("port", default.port, 0, _HIGHEST_PORT),
        admin_host=section.text("admin_host", default.admin_host),
        admin_port=section.whole("admin_port", default.admin_port, 0, _HIGHEST_PORT),
        brokers=section.texts("brokers", _check_broker) or default.brokers,
        trusts_network=section.flag("trusts_network", default=False),
        desktop_servers=servers or _desktop_servers(public_url),
        spool=folder / section.text("spool", str(default.spool)),
        spool_megabytes=section.whole(
            "spool_megabytes", default.spool_megabytes, 1, 1_000_000
        ),
        replicas=section.whole("replicas", default.replicas, 1, 5),
        leave_seconds=section.number("leave_seconds", default.leave_seconds, 0, 60),
        log_level=section.choice("log_level", default.log_level, get_args(LogLevel)),
        lines=tuple(line for line in lines if line is not None),
        accounts=shared.accounts,
        region=shared.region,
    )
    section.warn_of_unknown()
    return settings


def _read_line(section: SectionReader, accounts: set[str]) -> LineRule | None:
    rule = LineRule(
        account=section.text("account", ""),
        line=section.digits("line"),
        extensions=section.texts("extensions", lambda _: ""),
    )
    section.warn_of_unknown()
    if rule.account not in accounts:
        section.complain(
            "account", "there is no account of that id; the line is left out"
        )
        return None
    if not rule.line or not rule.extensions:
        section.complain("line", "a line needs its name and extensions; it is left out")
        return None
    return rule


def _desktop_servers(public_url: str) -> tuple[str, ...]:
    scheme, sign, rest = public_url.partition("://")
    if not sign:
        return ()
    return (f"{'wss' if scheme == 'https' else 'ws'}://{rest}{DESKTOP_PATH}",)


def _check_broker(text: str) -> str:
    if text.startswith(_BROKER_SCHEMES):
        return ""
    return "a broker's address begins with nats://, tls://, ws:// or wss://"
