"""Take the pictures that the documentation shows.

    python3 installer/dev.py screenshots [NAME …]

That runs ``python -m tests.screenshots`` in an X session of its own. The app is the
real one, started against the simulator; what is photographed is the X server's screen.
The session's clock shows a quarter to eleven whenever that is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from screenpop.services.application import Application
    from screenpop.ui.desk import Desk
    from tests.screenshots.screens import Screen

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"

_SCALES: Final = (1, 2)
_MINUTE_OF_DAY: Final = 10 * 60 + 45
_DAY_MINUTES: Final = 24 * 60
_LONGEST_TOTAL: Final = 1_500_000
_CONFIG: Final = """\
region = "GB"

[listener]
port = 0

[[accounts]]
id = "office"
vendor = "voxloud"
label = "Voxloud"
base_url = "{base_url}"
extension = "{extension}"
"""


def main(arguments: list[str]) -> int:
    """Take the pictures asked for, or all; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--scale", type=int, choices=_SCALES, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.scale:
        return take(
            _chosen(options.names, options.scale), options.scale, options.folder
        )
    options.folder.mkdir(parents=True, exist_ok=True)
    for scale in _SCALES:
        # Scale and time zone are fixed for the life of a process.
        command = [sys.executable, "-m", "tests.screenshots", "--scale", str(scale)]
        command += ["--folder", str(options.folder), *options.names]
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "xcb",
            "QT_SCALE_FACTOR": str(scale),
            "LC_ALL": "C.UTF-8",
            "TZ": _zone(datetime.now(UTC)),
        }
        subprocess.run(command, env=environment, check=True)
    return _weigh(options.folder)


def take(screens: list[Screen], scale: int, folder: Path) -> int:
    """Play each screen on the app of this process and photograph it."""
    if not screens:
        return 0
    from screenpop.config.paths import Paths
    from screenpop.config.secrets import MemorySecretStore
    from screenpop.domain.privacy import Secret
    from screenpop.simulator import create_cloud
    from screenpop.ui.gui import run_app
    from tests.screenshots.camera import Camera
    from tests.screenshots.stage import Stage, give_past

    async def photograph(app: Application, desk: Desk) -> None:
        stage = Stage(app, desk, cloud)
        await stage.prepare()
        camera = Camera(desk.theme, folder)
        for screen in screens:
            windows = await screen.show(stage)
            name = screen.name if scale == 1 else f"{screen.name}@{scale}x"
            for file in await camera.take(name, windows):
                sys.stdout.write(f"{file.name}: {file.stat().st_size:,} bytes\n")
            await stage.clear()
        camera.close()

    with (
        tempfile.TemporaryDirectory(prefix="screenpop-pictures-") as home,
        create_cloud("voxloud") as cloud,
    ):
        paths = Paths.under(Path(home))
        paths.ensure()
        config = _CONFIG.format(base_url=cloud.base_url, extension=cloud.extension)
        paths.config_file.write_text(config, encoding="utf-8")
        give_past(cloud)
        secrets = MemorySecretStore()
        for name, value in cloud.credentials.items():
            secrets.put("office", name, Secret(value))
        return run_app(paths, secrets=secrets, companion=photograph)


def _chosen(names: list[str], scale: int) -> list[Screen]:
    from tests.screenshots.screens import SCREENS

    unknown = set(names) - {screen.name for screen in SCREENS}
    if unknown:
        raise SystemExit(f"there is no picture called {', '.join(sorted(unknown))}")
    return [
        screen
        for screen in SCREENS
        if (not names or screen.name in names) and (scale == 1 or screen.is_dense_too)
    ]


def _zone(now: datetime) -> str:
    """A time zone in which it is a quarter to eleven now, as POSIX writes it."""
    ahead = _MINUTE_OF_DAY - (now.hour * 60 + now.minute)
    ahead = (ahead + _DAY_MINUTES // 2) % _DAY_MINUTES - _DAY_MINUTES // 2
    sign = "-" if ahead >= 0 else "+"
    return f"<here>{sign}{abs(ahead) // 60}:{abs(ahead) % 60:02}"


def _weigh(folder: Path) -> int:
    total = sum(file.stat().st_size for file in folder.glob("*.png"))
    sys.stdout.write(f"{total:,} bytes in {folder}\n")
    if total > _LONGEST_TOTAL:
        sys.stderr.write(f"that is more than {_LONGEST_TOTAL:,} bytes\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
