"""What the user is told at the start about files that could not be used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from screenpop.services.events import NoticeLevel, UserNotice
from screenpop.wording import tr

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.config.section_reader import SettingsProblem
    from screenpop.config.settings_file import LoadedSettings


def settings_news(
    problems: Iterable[SettingsProblem], config_file: Path
) -> Iterator[UserNotice]:
    """A notice for each problem, with who can mend it."""
    for problem in problems:
        if problem.source:
            title = tr(
                "The policy {file}: {problem}",
                file=problem.source,
                problem=problem.shown,
            )
            advice = tr("Tell your administrator: only they can mend it.")
        else:
            title = tr("Settings: {problem}", problem=problem.shown)
            advice = tr("Mend {file} and restart.", file=config_file.name)
        key = f"settings-{problem.source}-{problem.place}"
        yield UserNotice(NoticeLevel.WARNING, title, advice, key)


def file_news(
    loaded: LoadedSettings, config_file: Path, kept_database: Path | None
) -> Iterator[UserNotice]:
    """A notice for each problem in the settings, and for a damaged database."""
    yield from settings_news(loaded.problems, config_file)
    if kept_database is not None:
        yield UserNotice(
            NoticeLevel.ERROR,
            tr("The database was damaged; a new one was started"),
            tr("The old one was kept as {name}.", name=kept_database.name),
            "database",
        )
