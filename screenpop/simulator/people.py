"""Made-up people and what they did, as data for a simulated phone system."""

from __future__ import annotations

from screenpop.domain.frozen import frozen


@frozen(kw_only=True)
class Person:
    """Somebody who calls, or is called.

    Attributes:
        number: In E.164, from a range reserved for fiction.
        in_cloud: The vendor's own contact list knows them.
        in_local_file: The local contact file knows them.
    """

    first_name: str
    last_name: str
    number: str
    company: str = ""
    job_title: str = ""
    email: str = ""
    in_cloud: bool = False
    in_local_file: bool = True

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@frozen(kw_only=True)
class PastCall:
    """A call that was over before the simulator started.

    Attributes:
        number: The other party, in E.164; "" when withheld.
        is_inbound: They called us.
        seconds: How long it took, ringing included.
        was_answered: Somebody spoke to them.
    """

    number: str
    minutes_ago: float
    is_inbound: bool = True
    was_answered: bool = True
    seconds: int = 90
    name: str = ""
    summary: str = ""
