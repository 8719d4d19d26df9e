"""The broker (NATS JetStream) as the rest of the program sees it.

Importing this loads no library: ``connect`` of ``screenpop.relay.broker.nats_broker``
is for whoever needs a connection.
"""

from __future__ import annotations

from screenpop.relay.broker.protocol import (
    AckPolicy,
    Broker,
    BrokerAddress,
    BrokerCredentials,
    BrokerMessage,
    BrokerReader,
    BrokerRequest,
    BrokerState,
    BucketPlan,
    ConsumerPlan,
    ConsumerState,
    Entry,
    KeyValue,
    Outgoing,
    Published,
    StreamPlan,
    Watching,
)

__all__ = [
    "AckPolicy",
    "Broker",
    "BrokerAddress",
    "BrokerCredentials",
    "BrokerMessage",
    "BrokerReader",
    "BrokerRequest",
    "BrokerState",
    "BucketPlan",
    "ConsumerPlan",
    "ConsumerState",
    "Entry",
    "KeyValue",
    "Outgoing",
    "Published",
    "StreamPlan",
    "Watching",
]
