"""``screenpop self-test``: prove that this build works, frozen or not.

It neither touches what the user keeps nor needs a display, a network or a keychain.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Final

from screenpop.cli.commands.demo import play_demo
from screenpop.cli.output import say
from screenpop.domain.errors import ScreenpopError, SecretMissing

if TYPE_CHECKING:
    from screenpop.domain.privacy import Secret
    from screenpop.lookup.manifest import SourceContext, SourceManifest


# What a source must be told before it can be made at all; nothing is asked there.
_EXAMPLES: Final = {
    "base_dn": "dc=example,dc=com",
    "base_url": "https://example.com",
    "path": "/",
    "server": "ldaps://example.com",
}


class SelfTestFailed(ScreenpopError):
    """A part of this build does not work."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only how much to say."""
    parser.add_argument("--verbose", action="store_true", help="tell each step")


def run(args: argparse.Namespace) -> int:
    """Load everything, try each part once, play one simulated call offscreen."""
    from screenpop.cli.build_proof import proofs
    from screenpop.providers import registry
    from screenpop.ui.build_proof import prove_qt

    good, broken = registry.manifests()
    if broken:
        names = ", ".join(each.key for each in broken)
        raise SelfTestFailed(f"These phone systems do not load: {names}")
    say(f"phone systems: {', '.join(manifest.name for manifest in good)}")
    _check_sources()
    _check_resources()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    for sentence in proofs():
        say(sentence)
    say(prove_qt())
    tell = say if args.verbose else _say_nothing
    play_demo(good[0].key, headless=True, picture=None, tell=tell, steps_of_first=True)
    say("a simulated call rang, showed its card, was answered and is in the log")
    say("self-test passed")
    return 0


def _check_sources() -> None:
    """See that every kind of contact source is in this build and can be made.

    No other module imports them by name: a build may leave them out unnoticed.
    """
    from screenpop.lookup.registry import BUILT_IN, source_manifest

    names = []
    for key in BUILT_IN:
        try:
            manifest = source_manifest(key)
            manifest.create(_context_for(manifest))
        except (ImportError, ScreenpopError) as error:
            raise SelfTestFailed(
                f"This kind of contact source does not load: {key}", str(error)
            ) from None
        names.append(manifest.name)
    say(f"contact sources: {', '.join(names)}")


def _context_for(manifest: SourceManifest) -> SourceContext:
    from screenpop.lookup.manifest import SourceContext

    async def read_secret(name: str) -> Secret:
        raise SecretMissing(f"There is no {name} in a self-test")

    async def write_secret(_name: str, _secret: Secret) -> None:
        """Keep nothing."""

    asked = {
        field.key: _EXAMPLES.get(field.key, "example")
        for field in manifest.fields
        if field.is_required and field.kind != "secret"
    }
    return SourceContext(
        source_id="self-test",
        label=manifest.name,
        base_url=asked.get("base_url", manifest.default_base_url),
        region="GB",
        options={**manifest.defaults(), **asked},
        read_secret=read_secret,
        write_secret=write_secret,
    )


def _check_resources() -> None:
    from screenpop.config.paths import resources_dir

    icons = tuple((resources_dir() / "icons").glob("*.svg"))
    if not icons:
        raise SelfTestFailed("The icons are missing from this build")
    say(f"resources: {len(icons)} icons")


def _say_nothing(_: str = "") -> None:
    return
