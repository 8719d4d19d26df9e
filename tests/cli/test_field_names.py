"""The names of fields that a live account sends are learnt, and can be sent to us."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from screenpop.simulator import WebhookPortal, create_cloud
from tests.cli.conftest import HOOK_TOKEN
from tests.cli.running_app import running_app, wait_for_app

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Home, Run

CALLER = "+442079460421"
TOLD = {
    "voxloud": ("webhook INCOMING data", "callId"),
    "mango_voice": ("POST callringing", "from"),
    "primevox": ("call webhook", "callUuid"),
    "mobtexting": ("webhook LegAlerting", "bridge"),
    "tele2": ("data", "callID"),
}


@pytest.mark.parametrize("vendor", TOLD)
def test_names_without_values_get_into_the_bundle_once(
    run: Run,
    empty_home: Home,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    vendor: str,
) -> None:
    with create_cloud(vendor) as cloud:
        empty_home.write(
            f"""
region = "GB"

[listener]
port = 0

[[accounts]]
id = "acme"
vendor = "{vendor}"
base_url = "{cloud.base_url}"
container_id = "100200"
agent_number = "+442079460150"
outbound_number = "+442079460100"
"""
        )
        for name, value in cloud.credentials.items():
            monkeypatch.setenv(f"SCREENPOP_SECRET_ACME_{name.upper()}", value)
        monkeypatch.setenv("SCREENPOP_SECRET_ACME_HOOK_TOKEN", HOOK_TOKEN)
        with running_app():
            wait_for_app(lambda facts: _is_up(facts["accounts"]))
            if isinstance(cloud, WebhookPortal):
                cloud.enter_callback_url(run("account", "url", "acme").out.strip())
            for _ in range(2):
                call = cloud.incoming_call(CALLER)
                call.ring()
                wait_for_app(lambda facts: facts["calls"]["open"] == 1)
                call.hang_up()
                wait_for_app(lambda facts: facts["calls"]["open"] == 0)
        bundle = tmp_path / "bundle.zip"
        run("doctor", "--bundle", str(bundle))
    with zipfile.ZipFile(bundle) as archive:
        names = archive.read("field-names.txt").decode()
    place, field = TOLD[vendor]
    lines = names.splitlines()
    assert len(lines) == len(set(lines))
    assert any(f"{place}: fields" in line and field in line for line in lines)
    assert CALLER.removeprefix("+44") not in names
    assert HOOK_TOKEN not in names


def _is_up(accounts: list[dict[str, str]]) -> bool:
    return bool(accounts) and accounts[0]["state"] in ("live", "waiting")
