"""Find what can be plugged in by its word: our own modules and other packages'."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.wording import Marked, tr, tr_marked

if TYPE_CHECKING:
    from importlib import metadata

_log = logging.getLogger(__name__)

M = TypeVar("M")


@frozen
class BrokenPlugin:
    """One that could not be loaded."""

    key: str
    problem: str


@frozen(kw_only=True)
class Plugins(Generic[M]):
    """Everything of one kind that can be plugged in; ``M`` is its manifest.

    Attributes:
        group: The entry point group where other packages register theirs.
        built_in: The words of our own.
        module_of: The module of one of ours that holds its ``MANIFEST``.
        noun: What one is called in the log: "phone system".
        unknown: What is said when there is none called ``{name}``.
    """

    group: str
    built_in: tuple[str, ...]
    module_of: Callable[[str], str]
    noun: str
    unknown: Marked

    def get(self, key: str) -> M:
        """The manifest of the one called ``key``.

        Raises:
            ConfigurationError: There is no such one, or it does not load.
        """
        if key in self.built_in:
            module = importlib.import_module(self.module_of(key))
            return cast("M", module.MANIFEST)
        for entry in self._foreign():
            if entry.name == key:
                return self._load(entry)
        raise ConfigurationError(
            tr_marked(self.unknown, name=key[:40]),
            tr("Known ones: {known}.", known=", ".join(sorted(self.keys()))),
        )

    def keys(self) -> tuple[str, ...]:
        """The word of every known one, our own first."""
        return (*self.built_in, *(entry.name for entry in self._foreign()))

    def all(self) -> tuple[tuple[M, ...], tuple[BrokenPlugin, ...]]:
        """All manifests that load, and those that do not."""
        good: list[M] = []
        broken: list[BrokenPlugin] = []
        for key in self.keys():
            try:
                good.append(self.get(key))
            except ConfigurationError as error:
                broken.append(BrokenPlugin(key, error.title))
        return tuple(good), tuple(broken)

    def _foreign(self) -> tuple[metadata.EntryPoint, ...]:
        found = foreign_entry_points(self.group)
        return tuple(entry for entry in found if entry.name not in self.built_in)

    def _load(self, entry: metadata.EntryPoint) -> M:
        try:
            return cast("M", entry.load())
        except Exception as error:  # noqa: BLE001 - foreign code must not stop the rest
            kind = type(error).__name__
            _log.warning("%s %s does not load: %s", self.noun, entry.name, kind)
            raise ConfigurationError(
                tr("“{name}” does not load ({fault})", name=entry.name, fault=kind),
                tr("Update or remove the package that provides it."),
            ) from None


@cache
def foreign_entry_points(group: str) -> tuple[metadata.EntryPoint, ...]:
    """What installed packages register in ``group``; read once."""
    from importlib import metadata  # 1 MiB, of no use to what is built in

    return tuple(metadata.entry_points(group=group))
