"""Commands that read kept deliveries read them exactly as the app does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from screenpop.cli.desk import open_database
from screenpop.config.paths import Paths
from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.store.journal import Journal

if TYPE_CHECKING:
    from tests.cli.conftest import Home, Run

HOME = """
region = "GB"

[[accounts]]
id = "flows"
vendor = "mobtexting"
base_url = "http://127.0.0.1:9"
"""
SECRET = "made-up-webhook-secret"


@pytest.fixture
def kept(empty_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """One delivery with the agreed secret, and one of somebody without it."""
    empty_home.write(HOME)
    monkeypatch.setenv("SCREENPOP_SECRET_FLOWS_API_TOKEN", "made-up-token")
    monkeypatch.setenv("SCREENPOP_SECRET_FLOWS_WEBHOOK_SECRET", SECRET)
    with open_database(Paths.from_environment()) as database:
        journal = Journal(database)
        for call_id, secret in (("real", SECRET), ("forged", "another")):
            body = {
                "id": call_id,
                "from": "442079460123",
                "to": "442079460101",
                "bridge": "442079460100",
                "start_at": "2026-03-02 09:30:00",
            }
            journal.append(
                Delivery(
                    account_id="flows",
                    source=DeliverySource.WEBHOOK,
                    received_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
                    body=json.dumps(body).encode(),
                    content_type="application/json",
                    headers=(("authorization", f"Bearer {secret}"),),
                )
            ).result()


@pytest.mark.usefixtures("kept")
def test_a_replay_believes_only_what_the_app_would(run: Run) -> None:
    report = run("replay", "--dry-run", "--json").json
    assert (report["deliveries"], report["calls"], report["unreadable"]) == (2, 1, 1)


@pytest.mark.usefixtures("kept")
def test_events_say_which_delivery_was_refused(run: Run) -> None:
    real, forged = run("events", "--json").rows
    assert [event["kind"] for event in real["events"]] == ["LegAlerting"]
    assert forged["events"] == []
    assert "webhook secret is wrong" in forged["problem"]
