"""What the user is told at the start about files that could not be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screenpop.services.events import NoticeLevel, UserNotice
from screenpop.wording import tr

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.config.settings_file import LoadedSettings


def file_news(
    loaded: LoadedSettings, config_file: Path, kept_database: Path | None
) -> Iterator[UserNotice]:
    """A notice for each problem in the settings, and for a damaged database."""
    for problem in loaded.problems:
        yield UserNotice(
            NoticeLevel.WARNING,
            tr("Settings: {problem}", problem=problem.shown),
            tr("Mend {file} and restart.", file=config_file.name),
            f"settings-{problem.place}",
        )
    if kept_database is not None:
        yield UserNotice(
            NoticeLevel.ERROR,
            tr("The database was damaged; a new one was started"),
            tr("The old one was kept as {name}.", name=kept_database.name),
            "database",
        )
