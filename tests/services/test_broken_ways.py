"""Whatever is wrong between us and the vendor: it is named, and webhooks still ring."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.services.events import AccountStateChanged, SourceState
from screenpop.simulator import Faults
from tests.end2end.voxloud_calls import webhook
from tests.net.conftest import certificate
from tests.net.loopback import Connection, LoopbackServer, Request
from tests.services.office import ANA, Office, open_office, write_config
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.simulator import VendorCloud

__all__ = ["certificate"]

FAR = "https://pbx.nowhere.invalid"


@asynccontextmanager
async def _opened(
    home: Path, base_url: str, cloud: VendorCloud
) -> AsyncIterator[Office]:
    desk = open_office(write_config(home, base_url), cloud)
    try:
        await desk.app.start()
        await eventually(lambda: desk.app.listener.is_running, "the listener")
        yield desk
    finally:
        await desk.app.stop()


def _ring(call_id: str) -> bytes:
    return webhook(call_id, "INCOMING", ANA)


async def _assert_rings_and_says(desk: Office, said: str) -> None:
    """The number comes by webhook, though nothing can be asked of the vendor."""
    assert desk.post(_ring("c-1")) == 200
    assert (await desk.popped()).number_e164 == ANA
    await eventually(lambda: desk.state() is SourceState.RECONNECTING, "the trouble")
    told = desk.app.monitor.state("acme")
    assert told is not None
    assert said in f"{told.headline} {told.advice}"


async def _refuses(_request: Request, connection: Connection) -> None:
    await connection.send(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")


async def test_without_dns_calls_ring_and_the_host_is_named(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    async with _opened(tmp_path / "home", FAR, cloud) as desk:
        await _assert_rings_and_says(desk, "Cannot find pbx.nowhere.invalid")


async def test_behind_a_proxy_that_refuses_calls_ring_and_the_proxy_is_named(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    async with LoopbackServer(_refuses) as proxy:
        os.environ["HTTPS_PROXY"] = proxy.url
        async with _opened(tmp_path / "home", FAR, cloud) as desk:
            await _assert_rings_and_says(desk, "proxy refuses the way to")


async def test_behind_a_proxy_that_is_down_calls_ring_and_the_proxy_is_named(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        os.environ["HTTPS_PROXY"] = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with _opened(tmp_path / "home", FAR, cloud) as desk:
            await _assert_rings_and_says(desk, "takes connections at the proxy")


async def test_with_a_wrong_certificate_calls_ring_and_no_key_is_sent(
    tmp_path: Path, cloud: VendorCloud, certificate: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with LoopbackServer(_refuses, tls=context) as server:
        async with _opened(tmp_path / "home", server.url, cloud) as desk:
            await _assert_rings_and_says(desk, "certificate of 127.0.0.1 is not")
        assert server.requests == []


async def test_while_the_vendor_hangs_calls_ring_at_once_with_their_number(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    cloud.set_faults(Faults(hang=True))
    async with _opened(tmp_path / "home", cloud.base_url, cloud) as desk:
        assert desk.post(_ring("c-1")) == 200
        assert (await desk.popped()).number_e164 == ANA
        cloud.set_faults(Faults())


@pytest.mark.parametrize(
    "lies",
    [
        Faults(html_instead_of_json=True),
        Faults(empty_answer=True),
        Faults(half_answer=True),
        Faults(unauthorized=True),
    ],
    ids=["html", "nothing", "half", "wrong key"],
)
async def test_a_vendor_that_lies_after_all_was_well_costs_no_ring(
    office: Office, lies: Faults
) -> None:
    office.cloud.set_faults(lies)
    office.told.clear()
    office.app.monitor.wake()
    assert office.post(_ring("c-1")) == 200
    assert (await office.popped()).number_e164 == ANA
    await eventually(lambda: office.all(AccountStateChanged), "a word of the trouble")
    for change in office.all(AccountStateChanged):
        key = office.cloud.credentials["api_key"]
        assert key not in change.state.headline + change.state.advice
    office.cloud.set_faults(Faults())
    office.app.monitor.wake()
    await office.is_live()
