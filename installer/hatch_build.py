"""What the build of a wheel does besides packing: it compiles the catalogues."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))

import catalogues


class CompileCatalogues(BuildHookInterface):  # type: ignore[type-arg]
    """Found by hatchling, for wheels and for editable installs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile them where they lie; the wheel takes the folder as it is."""
        del version, build_data
        catalogues.compile_all(Path(self.root) / "resources" / "languages")
