"""The self-test of a build finds what the build has left out."""

from __future__ import annotations

import pytest

from screenpop.cli.commands import self_test
from screenpop.lookup import registry


def test_every_kind_of_contact_source_is_made_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    self_test._check_sources()
    said = capsys.readouterr().out
    assert "HubSpot" in said
    assert "Address book (CardDAV)" in said


def test_a_kind_that_the_build_left_out_fails_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "BUILT_IN", (*registry.BUILT_IN, "left_out"))
    with pytest.raises(self_test.SelfTestFailed, match="left_out"):
        self_test._check_sources()
