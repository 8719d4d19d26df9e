"""An account that administrators set up, at its first start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import PolicyError
from screenpop.domain.privacy import Secret
from screenpop.services.events import SourceState
from screenpop.simulator import create_cloud
from tests.policy.conftest import Machine
from tests.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_preset_account_lacks_its_key_and_connects_once_it_is_given(
    tmp_path: Path,
) -> None:
    from screenpop.config.paths import Paths
    from screenpop.config.secrets import MemorySecretStore
    from screenpop.services.application import Application

    machine = Machine(tmp_path / "machine")
    for folder in (machine.root, machine.file.parent):
        folder.mkdir(mode=0o755)
    with create_cloud("voxloud") as cloud:
        machine.file.touch(0o644)
        machine.write(
            f'[[accounts]]\nid = "acme"\nvendor = "voxloud"\n'
            f'base_url = "{cloud.base_url}"\n[policy]\nlocked = ["accounts"]\n'
            "[listener]\nport = 0\n"
        )
        paths = Paths.under(tmp_path / "home")._replace(policy=machine.places)
        app = Application(paths, secrets=MemorySecretStore())
        await app.start()
        try:
            assert "accounts.acme" in app.loaded.presets
            keys = await app.accounts.lacking_keys("acme")
            assert [one.key for one in keys] == ["api_key"]
            with pytest.raises(PolicyError):
                await app.accounts.remove("acme")
            for name, value in cloud.credentials.items():
                await app.accounts.set_secret("acme", name, Secret(value))
            await app.accounts.set_extension("acme", cloud.extension)
            await eventually(
                lambda: any(
                    one.state in (SourceState.LIVE, SourceState.WAITING)
                    for one in app.states()
                ),
                "the account to connect",
            )
            assert await app.accounts.lacking_keys("acme") == ()
        finally:
            await app.stop()
