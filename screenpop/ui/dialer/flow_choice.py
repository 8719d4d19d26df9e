"""Who speaks in the next call: the user, or the phone system by itself. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from screenpop.domain.dialing import FlowSpeech
from screenpop.domain.plain_text import plain
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.providers.abilities import NamedThing
    from screenpop.ui.ports import DialDeskPort

MYSELF: Final = ""
OTHER_FLOW: Final = "other"
SOUND: Final = "sound"
_FLOW: Final = "flow:"
_VARIABLE: Final = "variable"
MOST_VALUES: Final = 20


@dataclass(slots=True)
class FlowValue:
    """A variable of the flow and the text for it.

    Attributes:
        is_given: The flow is known to have it; its name cannot be changed.
    """

    name: str = ""
    text: str = ""
    is_given: bool = False


class FlowChoice:
    """What the next call says; nothing of it outlives that call."""

    def __init__(self, desk: DialDeskPort) -> None:
        self._desk = desk
        self._account_id = ""
        self._offered: tuple[NamedThing, ...] = ()
        self.key = MYSELF
        self.named = ""
        self.values: list[FlowValue] = []

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Key and text of each; empty where only people speak."""
        if not self._account_id or not self._desk.can_speak(self._account_id):
            return ()
        flows = tuple(
            (
                f"{_FLOW}{flow.thing_id}",
                tr("The flow “{name}”", name=plain(flow.name, 60)),
            )
            for flow in self._offered
        )
        return (
            (MYSELF, tr("I speak myself")),
            *flows,
            (OTHER_FLOW, tr("Another flow…") if flows else tr("A flow…")),
            (SOUND, tr("A recorded sound…")),
        )

    @property
    def asks_for_id(self) -> str:
        """What the flow or sound is to be named by; "" when it is known."""
        if self.key == OTHER_FLOW:
            return tr("Number of the flow")
        return tr("Id of the sound") if self.key == SOUND else ""

    @property
    def is_chosen(self) -> bool:
        """Whether the phone system is to speak."""
        return self.key != MYSELF

    @property
    def problem(self) -> str:
        """What is still missing; "" when nothing is."""
        if self.asks_for_id and not self.named.strip():
            return tr("{what} is missing.", what=self.asks_for_id)
        if any(value.text.strip() and not value.name.strip() for value in self.values):
            return tr("Give each value its name.")
        return ""

    @property
    def speech(self) -> FlowSpeech | None:
        """What the phone system shall say; values without a text are left out."""
        if not self.is_chosen:
            return None
        flow = self._flow()
        return FlowSpeech(
            flow_id=flow.thing_id if flow else self._typed(OTHER_FLOW),
            audio_id=self._typed(SOUND),
            title=plain(flow.name, 60) if flow else "",
            variables=tuple(
                (value.name.strip(), value.text.strip())
                for value in self.values
                if value.name.strip() and value.text.strip()
            ),
        )

    def use_account(self, account_id: str) -> None:
        """The next call is made with this account."""
        if account_id != self._account_id:
            self._account_id, self._offered = account_id, ()
            self.reset()

    def reset(self) -> None:
        """The user speaks, as usual."""
        self.choose(MYSELF)

    def choose(self, key: str) -> None:
        """Choose by key; the values of a flow begin empty."""
        self.key, self.named = key, ""
        flow = self._flow()
        names = (
            [plain(text, 60) for name, text in flow.details if name == _VARIABLE]
            if flow
            else []
        )
        self.values = [FlowValue(name, is_given=True) for name in names[:MOST_VALUES]]

    def add_value(self) -> None:
        """Make room for one more variable."""
        if len(self.values) < MOST_VALUES:
            self.values.append(FlowValue())

    async def load(self) -> None:
        """Ask which flows there are."""
        account_id = self._account_id
        if not account_id or not self._desk.can_speak(account_id):
            return
        offered = await self._desk.flows(account_id)
        if account_id == self._account_id:
            self._offered = offered

    def _flow(self) -> NamedThing | None:
        wanted = self.key.removeprefix(_FLOW) if self.key.startswith(_FLOW) else ""
        return next((one for one in self._offered if one.thing_id == wanted), None)

    def _typed(self, key: str) -> str:
        return self.named.strip() if self.key == key else ""
