"""Every folder and file of ours, in one place.

``SCREENPOP_HOME`` puts everything under one folder; without it each kind of file goes
where the platform wants it. Asking for a path never creates anything.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final, NamedTuple

from screenpop.config import policy_places
from screenpop.config.policy_places import NO_POLICY, PolicyPlaces
from screenpop.domain.errors import ConfigurationError
from screenpop.wording import tr

HOME_VARIABLE: Final = "SCREENPOP_HOME"
_APP: Final = "screenpop"
_OWNER_ONLY: Final = 0o700
# Linux allows 107 bytes for a socket's path, macOS and the BSDs 103.
_LONGEST_SOCKET_PATH: Final = 103


class Paths(NamedTuple):
    """Where this installation keeps its files.

    No dataclass: importing those takes longer than `screenpop dial` needs for the rest.

    Attributes:
        config_dir: Holds ``config.toml``.
        data_dir: Holds the database.
        log_dir: Holds the logs.
        cache_dir: Holds what may be deleted at any time.
        runtime_dir: Holds the lock and the socket of the running app.
        site_config_files: What administrators set for everybody, weakest first;
            none under ``SCREENPOP_HOME``.
        policy: Where their policy is, wherever the rest is kept.
    """

    config_dir: Path
    data_dir: Path
    log_dir: Path
    cache_dir: Path
    runtime_dir: Path
    site_config_files: tuple[Path, ...] = ()
    policy: PolicyPlaces = NO_POLICY

    @classmethod
    def from_environment(cls) -> Paths:
        """The paths that the environment asks for; of the policy, it has no say."""
        home = os.environ.get(HOME_VARIABLE, "")
        paths = cls.under(Path(home)) if home else cls._of_platform()
        return paths._replace(policy=policy_places.machine_places())

    @classmethod
    def under(cls, home: Path) -> Paths:
        """Everything under one folder, as the demo and the tests want it."""
        home = home.expanduser().absolute()
        return cls(
            config_dir=home,
            data_dir=home,
            log_dir=home / "logs",
            cache_dir=home / "cache",
            runtime_dir=_fit_for_sockets(home / "run"),
        )

    @classmethod
    def _of_platform(cls) -> Paths:
        from platformdirs import PlatformDirs

        dirs = PlatformDirs(_APP, appauthor=False, multipath=True)
        sites = dirs.site_config_dir.split(os.pathsep)
        return cls(
            config_dir=dirs.user_config_path,
            data_dir=dirs.user_data_path,
            log_dir=dirs.user_log_path,
            cache_dir=dirs.user_cache_path,
            runtime_dir=_fit_for_sockets(_runtime_dir(dirs.user_data_path)),
            # XDG_CONFIG_DIRS names the strongest first.
            site_config_files=tuple(
                Path(site) / "config.toml" for site in reversed(sites)
            ),
        )

    @property
    def config_file(self) -> Path:
        """The settings, written for people."""
        return self.config_dir / "config.toml"

    @property
    def database_file(self) -> Path:
        """Journal, calls and contacts."""
        return self.data_dir / "screenpop.db"

    @property
    def policy_memory_file(self) -> Path:
        """What the policy said when it was last in order; there with a policy only."""
        return self.data_dir / "policy-before.json"

    @property
    def team_file(self) -> Path:
        """What the team's relay granted this computer; there in a team only."""
        return self.data_dir / "team.json"

    @property
    def socket_file(self) -> Path:
        """Where the running app listens for other starts of the program."""
        return self.runtime_dir / "app.sock"

    @property
    def lock_file(self) -> Path:
        """What the running app holds so that there is only one."""
        return self.runtime_dir / "app.lock"

    def ensure(self) -> None:
        """Create the folders that are missing, for the user's eyes only.

        Raises:
            ConfigurationError: One of them cannot be created.
        """
        for folder in (
            self.config_dir,
            self.data_dir,
            self.log_dir,
            self.cache_dir,
            self.runtime_dir,
        ):
            try:
                folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
            except OSError as error:
                raise ConfigurationError(
                    tr(
                        "The folder {folder} cannot be created: {reason}",
                        folder=folder,
                        reason=error.strerror,
                    ),
                    tr(
                        "Create it, or set {home_variable} to a folder of yours.",
                        home_variable=HOME_VARIABLE,
                    ),
                ) from error
        _refuse_foreign(self.runtime_dir)


def resources_dir() -> Path:
    """The folder of icons, sounds and translations.

    Raises:
        ConfigurationError: The installation is incomplete.
    """
    package = Path(__file__).resolve().parent.parent
    bundle = getattr(sys, "_MEIPASS", None)
    return find_resources(package, Path(bundle) if bundle else None)


def find_resources(package: Path, bundle: Path | None = None) -> Path:
    """The resources of the package in ``package``.

    They lie inside the package in a wheel, inside the bundle of a frozen program, and
    beside the package in a checkout, for an editable install has no copy.

    Raises:
        ConfigurationError: There are none.
    """
    candidates = [package / "_resources", package.parent / "resources"]
    if bundle is not None:
        candidates.insert(0, bundle / _APP / "_resources")
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise ConfigurationError(
        tr("screenpop's icons and translations are missing"),
        tr("Install screenpop again."),
    )


def _refuse_foreign(folder: Path) -> None:
    """Somebody else may have made the folder first, to listen in our place."""
    if sys.platform == "win32":
        return
    if folder.lstat().st_uid != os.getuid():
        raise ConfigurationError(
            tr("The folder {folder} belongs to another user", folder=folder),
            tr("Set XDG_RUNTIME_DIR to a folder of your own."),
        )


def _runtime_dir(data_dir: Path) -> Path:
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    # The specification has relative paths ignored.
    return Path(base) / _APP if Path(base).is_absolute() else data_dir / "run"


def _fit_for_sockets(folder: Path) -> Path:
    """The folder, or a short stand-in when its sockets would have too long a path."""
    if len(os.fsencode(folder / "app.sock")) <= _LONGEST_SOCKET_PATH:
        return folder
    import hashlib

    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if Path(base).is_absolute() and len(os.fsencode(base)) < _LONGEST_SOCKET_PATH // 2:
        return Path(base) / f"{_APP}-{digest}"
    import tempfile  # 4 ms that every `screenpop dial` would wait

    owner = 0
    if sys.platform != "win32":
        owner = os.getuid()
    return Path(tempfile.gettempdir()) / f"{_APP}-{owner}-{digest}"
