"""Telephone links come to screenpop when the user wants them to."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from screenpop.desktop.desktop_entry import read_entry
from screenpop.desktop.url_scheme import (
    ENTRY_NAME,
    SCHEMES,
    NullSchemeHandler,
    RegistrySchemeHandler,
    XdgSchemeHandler,
    bundle_url_types,
    registry_values,
    scheme_handler,
    url_entry,
    without_handler,
)
from screenpop.domain.errors import ConfigurationError
from tests.desktop.registry import MemoryRegistry
from tests.requirements import require_program

COMMAND = ["/opt/my apps/screenpop"]
CHOICE = r"Software\Microsoft\Windows\Shell\Associations\UrlAssociations\tel\UserChoice"


def test_a_link_is_one_argument_that_cannot_be_an_option() -> None:
    fields = read_entry(url_entry(COMMAND))
    assert shlex.split(fields["Exec"]) == [*COMMAND, "dial", "--", "%u"]
    assert fields["MimeType"] == "x-scheme-handler/tel;x-scheme-handler/callto;"
    assert fields["NoDisplay"] == "true"


def test_the_desktop_knows_us_after_registering_and_forgets_us_after() -> None:
    """With the real xdg-mime, in this test's own home."""
    require_program("xdg-mime")
    handler = scheme_handler(COMMAND)
    assert not handler.is_default()
    handler.register()
    handler.register()
    assert handler.is_default()
    handler.unregister()
    handler.unregister()
    assert not handler.is_default()
    left = [
        path
        for path in Path(os.environ["HOME"]).rglob("*")
        if path.is_file() and "screenpop" in path.name + path.read_text("utf-8")
    ]
    assert left == []


def test_the_entry_of_a_package_counts_and_can_be_overruled(tmp_path: Path) -> None:
    require_program("xdg-mime")
    site = tmp_path / "site" / "applications"
    site.mkdir(parents=True)
    (site / ENTRY_NAME).write_text(url_entry(["screenpop"]))
    types = "".join(f"x-scheme-handler/{each}={ENTRY_NAME};\n" for each in SCHEMES)
    (site / "mimeinfo.cache").write_text(f"[MIME Cache]\n{types}")
    os.environ["XDG_DATA_DIRS"] = str(site.parent)
    handler = scheme_handler(COMMAND)
    assert handler.is_default()
    handler.unregister()
    assert not handler.is_default()
    handler.register()
    assert handler.is_default()


def test_other_programs_defaults_are_left_alone() -> None:
    mimeapps = (
        "[Default Applications]\n"
        "text/html=firefox.desktop\n"
        f"x-scheme-handler/tel={ENTRY_NAME}\n"
        f"x-scheme-handler/callto=other.desktop;{ENTRY_NAME};\n"
        "# a note = kept\n"
        "\n"
        "[Added Associations]\n"
        f"x-scheme-handler/tel={ENTRY_NAME};other.desktop;\n"
    )
    assert without_handler(mimeapps) == (
        "[Default Applications]\n"
        "text/html=firefox.desktop\n"
        "x-scheme-handler/callto=other.desktop;\n"
        "# a note = kept\n"
        "\n"
        "[Added Associations]\n"
        "x-scheme-handler/tel=other.desktop;\n"
    )


def test_a_desktop_without_the_tool_is_told_what_to_install(tmp_path: Path) -> None:
    os.environ["PATH"] = str(tmp_path)
    handler = XdgSchemeHandler(
        COMMAND, applications=tmp_path / "applications", config=tmp_path
    )
    with pytest.raises(ConfigurationError, match="xdg-mime is missing") as caught:
        handler.register()
    assert "xdg-utils" in caught.value.advice
    assert not handler.is_default()


def test_a_tool_that_fails_is_told(tmp_path: Path) -> None:
    tool = tmp_path / "xdg-mime"
    tool.write_text("#!/bin/sh\nexit 3\n")
    tool.chmod(0o755)
    os.environ["PATH"] = f"{tmp_path}:/usr/bin:/bin"
    handler = XdgSchemeHandler(
        COMMAND, applications=tmp_path / "applications", config=tmp_path
    )
    with pytest.raises(ConfigurationError, match="xdg-mime failed"):
        handler.register()


def test_windows_is_offered_us_and_the_user_chooses() -> None:
    registry = MemoryRegistry()
    handler = RegistrySchemeHandler([r"C:\Program Files\s\screenpop.exe"], registry)
    handler.register()
    opened = registry.values[r"Software\Classes\screenpop.tel\shell\open\command", ""]
    assert opened == r'"C:\Program Files\s\screenpop.exe" dial -- "%1"'
    assert registry.values[r"Software\Classes\screenpop.tel", "URL Protocol"] == ""
    associations = r"Software\screenpop\Capabilities\URLAssociations"
    assert registry.values[associations, "tel"] == "screenpop.tel"
    assert registry.values[associations, "callto"] == "screenpop.tel"
    assert registry.values[r"Software\RegisteredApplications", "screenpop"] == (
        r"Software\screenpop\Capabilities"
    )
    assert handler.needs_user_choice
    assert not handler.is_default()
    registry.values[CHOICE, "ProgId"] = "screenpop.tel"
    assert handler.is_default()


def test_unregistering_leaves_nothing_of_ours_in_the_registry() -> None:
    registry = MemoryRegistry()
    foreign = {(r"Software\Classes\screenpop.telly", ""): "another program's"}
    registry.values.update(foreign)
    handler = RegistrySchemeHandler(COMMAND, registry)
    handler.register()
    assert len(registry.values) == len(registry_values(COMMAND)) + 1
    handler.unregister()
    assert registry.values == foreign


def test_a_mac_bundle_names_the_schemes() -> None:
    [url_type] = bundle_url_types()
    assert url_type["CFBundleURLSchemes"] == ["tel", "callto"]


def test_elsewhere_nothing_is_registered() -> None:
    handler = NullSchemeHandler()
    handler.register()
    assert not handler.is_default()
    handler.unregister()
