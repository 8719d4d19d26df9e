"""What the doctor looks at, and what it says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.config.paths import Paths
    from screenpop.config.secrets import KeychainSecretStore
    from screenpop.config.settings_file import LoadedSettings, SettingsFile
    from screenpop.services.connections import Connection, Connections


class Level(StrEnum):
    """How a thing stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@frozen
class Finding:
    """One thing the doctor looked at.

    Attributes:
        area: What it is about: "settings", "keychain", an account as "account acme".
        title: How it stands, one sentence without a full stop.
        advice: How to mend it; "" when there is nothing to mend.
    """

    area: str
    level: Level
    title: str
    advice: str = ""


@frozen(kw_only=True)
class Surroundings:
    """One installation, as the doctor finds it.

    Attributes:
        app: What the running app says of itself; empty when it does not answer.
        callback_url: What an account's vendor is told to call; "" for no way.
        patience_seconds: How long one account may take to answer one question.
    """

    paths: Paths
    file: SettingsFile
    loaded: LoadedSettings
    secrets: KeychainSecretStore
    connections: Connections
    app: Mapping[str, Any]
    callback_url: Callable[[Connection], str]
    patience_seconds: float = 20.0


def ok(area: str, title: str) -> Finding:
    """All is well."""
    return Finding(area, Level.OK, title)


def warn(area: str, title: str, advice: str) -> Finding:
    """It works, but not as it should."""
    return Finding(area, Level.WARN, title, advice)


def fail(area: str, title: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(area, Level.FAIL, title, advice)
