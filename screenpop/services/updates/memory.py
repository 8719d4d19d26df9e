"""What an installation remembers about updates from one day to the next."""

from __future__ import annotations

import dataclasses
import json
import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from screenpop.domain.update_manifest import DRAWS

_log = logging.getLogger(__name__)

FILE: Final = "updates.json"
_MOST_FAILED: Final = 20


@dataclass(slots=True)
class UpdateMemory:
    """Kept in one small file; nothing of it is ever sent.

    Attributes:
        draw: Random, once and for all: decides how early this computer's turn comes.
        channel: The one that ``serial`` is of.
        serial: The highest that was accepted.
        digest: SHA-256 of the manifest that had it.
        asked_at: When the news were last asked for, ISO 8601; "" for never.
        checked_at: When they were last had.
        offered: The version that was offered last; "" for none.
        notes: What is new in it, or in the version that runs.
        problem: What went wrong the last time; "" for nothing.
        failed: Versions that did not work here, and why.
        handed: The version whose installer was run last; "" once that is settled.
        news: What the user has not been told yet: a title and an advice.
        is_bad_news: An update was taken back.
    """

    draw: int = field(default_factory=lambda: secrets.randbelow(DRAWS))
    channel: str = ""
    serial: int = 0
    digest: str = ""
    asked_at: str = ""
    checked_at: str = ""
    offered: str = ""
    notes: str = ""
    problem: str = ""
    failed: dict[str, str] = field(default_factory=dict)
    handed: str = ""
    news: list[str] = field(default_factory=list)
    is_bad_news: bool = False

    def serial_of(self, channel: str) -> tuple[int, str]:
        """The highest accepted serial of a channel, and its manifest's digest."""
        return (self.serial, self.digest) if channel == self.channel else (0, "")

    def note_failure(self, version: str, reason: str) -> None:
        """Remember a version that is not to be tried again."""
        self.failed[version] = reason
        while len(self.failed) > _MOST_FAILED:
            del self.failed[next(iter(self.failed))]

    def checked(self) -> datetime | None:
        """When the news were last had, aware."""
        return _moment(self.checked_at)

    def asked(self) -> datetime | None:
        """When they were last asked for, aware."""
        return _moment(self.asked_at)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def load_memory(path: Path) -> UpdateMemory:
    """What is remembered; a file that cannot be read counts as none."""
    try:
        table = json.loads(path.read_bytes())
    except FileNotFoundError:
        return UpdateMemory()
    except (OSError, ValueError) as error:
        _log.warning("what is known of updates is lost: %s", type(error).__name__)
        return UpdateMemory()
    known = {each.name: each for each in dataclasses.fields(UpdateMemory)}
    fresh = UpdateMemory()
    kept: dict[str, Any] = {}
    for name, value in table.items() if isinstance(table, dict) else ():
        if name in known and type(value) is type(getattr(fresh, name)):
            kept[name] = value
    return UpdateMemory(**kept)


def save_memory(path: Path, memory: UpdateMemory) -> None:
    """Keep it; the file is for its owner only.

    Raises:
        OSError: The disk does not take it.
    """
    from screenpop.config.atomic_file import replace_file

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, json.dumps(dataclasses.asdict(memory), indent=1).encode())
