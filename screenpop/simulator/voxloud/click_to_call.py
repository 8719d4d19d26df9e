"""Click-to-call resources: made once, reused, and limited in number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen
from screenpop.simulator.fields import Fields
from screenpop.simulator.http_server import Answer, JsonObject, json_answer
from screenpop.simulator.routing import Refusal, Route
from screenpop.simulator.voxloud.click_calls import ClickToCallCall

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from screenpop.simulator.routing import Question
    from screenpop.simulator.voxloud.exchange import Exchange
    from screenpop.simulator.voxloud.options import VoxloudOptions

_PATH = "/api/v1/click-to-call"


@frozen(kw_only=True)
class ClickToCall:
    """A way to call a contact from one extension.

    Attributes:
        name: As it was asked for; the API shows it with a prefix.
    """

    resource_id: str
    name: str
    extension: str
    outbound_number: str
    dial_first: str

    def spelled(self, prefix: str = "ctc-") -> JsonObject:
        """As the API writes it."""
        return {
            "id": self.resource_id,
            "name": prefix + self.name,
            "extension": self.extension,
            "outboundNumber": self.outbound_number,
            "dial_first": self.dial_first,
        }


class ClickToCalls:
    """All resources and their API.

    Args:
        is_quota_spent: Whether a fault says that no more may be made.
        placed: Told of each call that a resource starts.
    """

    def __init__(
        self,
        exchange: Exchange,
        options: VoxloudOptions,
        chance: random.Random,
        *,
        is_quota_spent: Callable[[], bool],
        placed: Callable[[ClickToCallCall], None],
    ) -> None:
        self._exchange = exchange
        self._options = options
        self._random = chance
        self._is_quota_spent = is_quota_spent
        self._placed = placed
        self._by_id: dict[str, ClickToCall] = {}

    def routes(self) -> tuple[Route, ...]:
        """The click-to-call API."""
        one = f"{_PATH}/{{id}}"
        connect = f"{one}/connect"
        return (
            Route(method="POST", path=_PATH, respond=self._create, takes_body=True),
            Route(method="GET", path=_PATH, respond=self._list),
            Route(method="GET", path=one, respond=self._get),
            Route(method="DELETE", path=one, respond=self._delete),
            Route(method="POST", path=connect, respond=self._connect, takes_body=True),
        )

    @property
    def quota(self) -> int:
        """How many there may be: users and groups."""
        return len(self._exchange.pbx.users) + len(self._exchange.pbx.groups)

    def _create(self, question: Question) -> Answer:
        fields = Fields(question.content)
        resource = ClickToCall(
            resource_id=f"{self._random.getrandbits(128):032x}",
            name=fields.text("name", required=True),
            extension=fields.text("extension", required=True),
            outbound_number=fields.number("outboundNumber"),
            dial_first=fields.choice(
                "dial_first", ("contact", "extension"), default="extension"
            ),
        )
        fields.finish()
        pbx = self._exchange.pbx
        if not pbx.members(resource.extension):
            raise Refusal(400, "There is no such extension")
        if not pbx.has_number(resource.outbound_number):
            raise Refusal(400, "outboundNumber is not one of the PBX's numbers")
        if len(self._by_id) >= self.quota or self._is_quota_spent():
            reason = "The limit of click-to-call objects is reached"
            raise Refusal(self._options.quota_status, reason)
        self._by_id[resource.resource_id] = resource
        return json_answer(resource.spelled(), self._options.created_status)

    def _list(self, question: Question) -> Answer:
        return json_answer([one.spelled() for one in self._by_id.values()])

    def _get(self, question: Question) -> Answer:
        # The document shows another prefix here than in the list.
        return json_answer(self._find(question).spelled("ctc_"))

    def _delete(self, question: Question) -> Answer:
        del self._by_id[self._find(question).resource_id]
        return Answer(status=self._options.deleted_status)

    def _connect(self, question: Question) -> Answer:
        resource = self._find(question)
        fields = Fields(question.content)
        contact = fields.number("contact")
        fields.finish()
        call = ClickToCallCall(
            self._exchange,
            self._options,
            agents=self._exchange.pbx.members(resource.extension),
            contact=contact,
            outbound_number=resource.outbound_number,
            dial_first=resource.dial_first,
        )
        call.ring()
        self._placed(call)
        return json_answer({"contact": contact})

    def _find(self, question: Question) -> ClickToCall:
        found = self._by_id.get(question.names["id"])
        if found is None:
            raise Refusal(404, "No such click-to-call")
        return found
