"""Plans in the words of the broker's API; nothing newer than its release 2.9."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from screenpop.domain.json_fields import JsonValue
    from screenpop.relay.broker.protocol import BucketPlan, ConsumerPlan, StreamPlan

_NO_LIMIT: Final = -1
_BUCKET_WINDOW_SECONDS: Final = 120.0
UNUSED_SECONDS: Final = 60.0


def nanoseconds(seconds: float) -> int:
    """The broker's unit of time."""
    return int(seconds * 1_000_000_000)


def stream_config(plan: StreamPlan) -> dict[str, JsonValue]:
    """What makes or changes a stream."""
    return {
        "name": plan.name,
        "subjects": list(plan.subjects),
        "retention": "limits",
        "storage": "file",
        "discard": "old",
        "max_age": nanoseconds(plan.max_age_seconds),
        "max_msgs_per_subject": plan.max_per_subject or _NO_LIMIT,
        "max_bytes": plan.max_bytes or _NO_LIMIT,
        "duplicate_window": nanoseconds(plan.duplicate_window_seconds),
        **({"max_consumers": plan.max_consumers} if plan.max_consumers else {}),
        **_replicas(plan.replicas),
    }


def bucket_config(plan: BucketPlan) -> dict[str, JsonValue]:
    """What makes or changes the stream behind a bucket.

    As https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-8.md
    has it, so that the broker's own tools can read it.
    """
    window = min(plan.max_age_seconds or _BUCKET_WINDOW_SECONDS, _BUCKET_WINDOW_SECONDS)
    return {
        "name": f"KV_{plan.name}",
        "subjects": [f"$KV.{plan.name}.>"],
        "retention": "limits",
        "storage": "file",
        "discard": "new",
        "max_age": nanoseconds(plan.max_age_seconds),
        "max_msgs_per_subject": 1,
        "duplicate_window": nanoseconds(window),
        **_replicas(plan.replicas),
        "allow_rollup_hdrs": True,
        "deny_delete": True,
    }


def _replicas(count: int) -> dict[str, JsonValue]:
    return {"num_replicas": count} if count else {}


def consumer_config(plan: ConsumerPlan) -> dict[str, JsonValue]:
    """What makes or changes a pull consumer, but for where it begins."""
    is_acked = plan.ack.value != "none"
    config: dict[str, JsonValue] = {
        "name": plan.name,
        "ack_policy": plan.ack.value,
        "replay_policy": "instant",
        "max_deliver": _NO_LIMIT,
    }
    if plan.is_durable:
        config["durable_name"] = plan.name
    if plan.filter_subject:
        config["filter_subject"] = plan.filter_subject
    if is_acked:
        config["ack_wait"] = nanoseconds(plan.ack_wait_seconds)
        config["max_ack_pending"] = plan.most_unacked
    if not plan.is_durable:
        config["inactive_threshold"] = nanoseconds(UNUSED_SECONDS)
    elif plan.idle_days:
        config["inactive_threshold"] = nanoseconds(plan.idle_days * 24 * 3600)
    return config


def consumer_start(plan: ConsumerPlan) -> dict[str, JsonValue]:
    """Where a new consumer begins."""
    if plan.start_seq:
        return {"deliver_policy": "by_start_sequence", "opt_start_seq": plan.start_seq}
    if plan.start_at is not None:
        moment = plan.start_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return {"deliver_policy": "by_start_time", "opt_start_time": moment}
    return {"deliver_policy": "all"}
