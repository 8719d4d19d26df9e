"""What a relay needs at the broker: its streams and buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.relay.broker import BucketPlan, StreamPlan
from screenpop.relay.enrolment import CODES_KEPT_SECONDS
from screenpop.relay.names import (
    DESK_AGE_SECONDS,
    DESKS_STREAM,
    DESKS_SUBJECTS,
    DUPLICATE_WINDOW_SECONDS,
    INTAKE_AGE_SECONDS,
    INTAKE_STREAM,
    INTAKE_SUBJECTS,
    MOST_DESKS,
    MOST_PER_DESK,
    Bucket,
)
from screenpop.relay.team_words import CLAIMS_KEPT_SECONDS

if TYPE_CHECKING:
    from screenpop.relay.broker import Broker

# Values of the buckets that go by themselves, in seconds.
_AGES: Final = {
    Bucket.ENROLMENTS: CODES_KEPT_SECONDS,
    Bucket.CLAIMS: CLAIMS_KEPT_SECONDS,
    Bucket.PRESENCE: 24 * 3600.0,
}


async def ensure_streams(broker: Broker, replicas: int) -> None:
    """Have all of them as planned; quick where they are.

    Raises:
        RelayError: The broker does not do it.
    """
    await broker.ensure_stream(
        StreamPlan(
            name=INTAKE_STREAM,
            subjects=(INTAKE_SUBJECTS,),
            max_age_seconds=INTAKE_AGE_SECONDS,
            duplicate_window_seconds=DUPLICATE_WINDOW_SECONDS,
            replicas=replicas,
        )
    )
    await broker.ensure_stream(
        StreamPlan(
            name=DESKS_STREAM,
            subjects=(DESKS_SUBJECTS,),
            max_age_seconds=DESK_AGE_SECONDS,
            max_per_subject=MOST_PER_DESK,
            max_consumers=MOST_DESKS,
            duplicate_window_seconds=DUPLICATE_WINDOW_SECONDS,
            replicas=replicas,
        )
    )
    for bucket in Bucket:
        await broker.ensure_bucket(
            BucketPlan(
                name=bucket.value,
                max_age_seconds=_AGES.get(bucket, 0.0),
                replicas=replicas,
            )
        )
