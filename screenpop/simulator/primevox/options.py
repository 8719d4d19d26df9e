"""Where PrimeVOX's pages are silent: the readings a test may choose between."""

from __future__ import annotations

from enum import Enum

from screenpop.domain.frozen import frozen


class EmptyData(Enum):
    """What PHP makes of a list of no calls."""

    ARRAY = "array"
    NULL = "null"
    ABSENT = "absent"
    OBJECT = "object"


@frozen(kw_only=True)
class PrimevoxOptions:
    """One reading of the pages.

    Attributes:
        page_size: The pages say 500; tests of paging want fewer calls.
        empty_data: See :class:`EmptyData`.
        events_name: The property that holds a call's events.
        details_path: Not named in the pages, like the next two.
        errors_have_status: Wrong keys and the like come with 4xx; else with 200.
        answers_are_html: JSON is declared as ``text/html``, as PHP does by itself.
        details_while_going_on: A call's events can be asked for before it ends.
        hangup_names_extension: ``HangupCall`` names who had the caller on the line.
        newest_first: The order of the call list.
        link_wants_key: A recording's own link opens only with the API key.
    """

    page_size: int = 500
    empty_data: EmptyData = EmptyData.ARRAY
    events_name: str = "data"
    details_path: str = "/api/call_details.php"
    recording_path: str = "/api/call_recording.php"
    notes_path: str = "/api/call_notes.php"
    errors_have_status: bool = False
    answers_are_html: bool = True
    details_while_going_on: bool = True
    hangup_names_extension: bool = True
    newest_first: bool = True
    link_wants_key: bool = False
