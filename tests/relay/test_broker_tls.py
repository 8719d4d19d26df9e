"""A broker that is reached over TLS, without a web server in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import RelayUnavailable
from screenpop.relay.broker import BrokerAddress, StreamPlan
from screenpop.relay.broker.nats_broker import connect
from tests.relay.doorways import private_authority
from tests.relay.nats_server import NatsServer
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "localhost"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[NatsServer, Path]]:
    """A broker that takes encrypted connections only, and who vouches for it."""
    authority, _ = private_authority(tmp_path, HOST)
    files = f'cert_file: "{tmp_path}/server.pem", key_file: "{tmp_path}/server.key"'
    server = NatsServer(tmp_path / "nats", more=f"tls {{ {files} }}")
    server.start()
    yield server, authority
    server.stop()


# Python 3.11's own, at the end of each connection that was encrypted later on.
@pytest.mark.expects_log(r"eof_received\(\) has no effect when using ssl")
async def test_a_broker_is_reached_over_tls_when_its_authority_is_trusted(
    guarded: tuple[NatsServer, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, authority = guarded
    address = BrokerAddress(urls=(f"tls://{HOST}:{server.port}",), name="test")
    stranger = connect(address)
    try:
        await eventually(
            lambda: "certificate" in stranger.state.problem, "why it is not taken"
        )
        with pytest.raises(RelayUnavailable):
            await stranger.publish("t.a", b"1")
    finally:
        await stranger.close()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    broker = connect(address)
    try:
        await broker.connected(10.0)
        await broker.ensure_stream(StreamPlan(name="T", subjects=("t.*",)))
        assert (await broker.publish("t.a", b"1")).seq == 1
    finally:
        await broker.close()
