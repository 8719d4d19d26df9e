"""What a build has left out is named, instead of missing one day at a user's."""

from __future__ import annotations

import sys

import pytest

from screenpop.cli import build_proof
from screenpop.ui import build_proof as qt_proof


@pytest.mark.parametrize(
    "proof",
    [
        build_proof._metadata,
        build_proof._numbers,
        build_proof._database,
        build_proof._encryption,
        build_proof._sound,
        build_proof._keychain_worker,
        build_proof._import_worker,
    ],
)
def test_each_part_of_this_build_works(proof: object) -> None:
    assert callable(proof)
    assert build_proof._done(proof)


def test_a_module_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_proof, "_own_modules", lambda: ["screenpop.left_out"])
    with pytest.raises(build_proof.BuildIncomplete, match=r"screenpop\.left_out"):
        build_proof._done(build_proof._modules)


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    with pytest.raises(build_proof.BuildIncomplete, match="numbers") as caught:
        build_proof._done(build_proof._numbers)
    assert "phonenumbers" in caught.value.advice


def test_every_module_of_the_program_is_looked_for() -> None:
    names = build_proof._own_modules()
    assert "screenpop.cli.commands.import_worker" in names
    assert len(names) > 500


@pytest.mark.gui
def test_qt_is_complete_and_a_plugin_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "plug-ins" in qt_proof.prove_qt()
    monkeypatch.setitem(qt_proof._PLUGINS, sys.platform, ("platforms/libqnone.so",))
    with pytest.raises(qt_proof.QtIncomplete, match="libqnone"):
        qt_proof.prove_qt()
