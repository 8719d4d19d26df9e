"""What a card says in each state, decided without a window."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.contacts import MatchQuality
from screenpop.domain.events import Direction
from screenpop.services.events import (
    CallCard,
    CallerContext,
    CardPhase,
    DialState,
    LastTalk,
)
from screenpop.ui.popup.card_text import last_talk_text, state_text
from screenpop.ui.popup.view_model import (
    ActionKind,
    CardView,
    Tone,
    card_key,
    card_of_dial,
    card_view,
    dial_key,
)
from tests.ui.card_samples import (
    ANA,
    BO,
    CEM,
    NOW,
    NUMBER_TEXT,
    REF,
    contact,
    dialled,
    known,
    match,
    ringing,
    stories,
)


def view(card: CallCard) -> CardView:
    return card_view(card, NOW)


def kinds(card: CallCard) -> list[ActionKind]:
    return [action.kind for action in view(card).actions]


# --- who ---------------------------------------------------------------------------


def test_the_number_is_the_title_until_there_is_a_name() -> None:
    first = view(ringing())
    assert first.title == NUMBER_TEXT
    assert first.detail_head == "London, United Kingdom"
    assert first.reason == "Looking up…"
    assert first.state == "Ringing 0:07"


def test_a_known_caller_shows_name_company_role_and_which_number() -> None:
    shown = view(known())
    assert shown.title == "Ana Petrauskienė"
    assert shown.detail_head == "UAB Rytas · buyer"
    assert shown.detail_tail == f"{NUMBER_TEXT} (mobile)"
    assert shown.context == "Last: 12 Nov, Jonas: waiting for the invoice"
    assert shown.missed == "2 missed"
    assert shown.reason == "Matched: same number · Voxloud · 3 h ago"
    assert shown.initials == "AP"


def test_a_name_that_the_network_sent_is_a_title_too() -> None:
    shown = view(ringing(caller_name="Rytas UAB", is_lookup_pending=False))
    assert (shown.title, shown.detail_tail) == ("Rytas UAB", NUMBER_TEXT)
    assert shown.reason == "Not in your contacts"


def test_a_match_by_its_last_digits_is_a_question() -> None:
    shown = view(known(matches=(CEM,), chosen=CEM))
    assert shown.title == "Perhaps Cem Aydan"
    assert shown.initials == ""
    assert shown.reason == "Probably: same last 9 digits · Voxloud · 3 h ago"
    assert shown.accessible_name == (
        f"Incoming call from {NUMBER_TEXT}, perhaps Cem Aydan"
    )
    yes, no, _more = shown.identity_actions
    assert (yes.text, no.text) == ("Yes", "No")
    assert yes.hint == "From now on this number belongs to Cem Aydan"


def test_several_of_whom_none_is_sure_may_have_the_number() -> None:
    other = match(contact("Dora Lund"), quality=MatchQuality.PROBABLE)
    shown = view(known(chosen=None, matches=(CEM, other)))
    assert shown.title == NUMBER_TEXT
    assert shown.reason == "2 people may have this number"


def test_who_was_chosen_before_says_so_and_can_be_taken_back() -> None:
    chosen = replace(BO, chosen_at=NOW - timedelta(days=2))
    shown = view(known(matches=(chosen, ANA), chosen=chosen))
    assert shown.title == "Bo Lindqvist"
    assert shown.reason == "Chosen by you: 12 Nov · Voxloud"
    assert [action.text for action in shown.identity_actions] == [
        "Not this one",
        "Options",
    ]
    assert "Choose somebody else" in [action.text for action in shown.more]


def test_a_question_that_was_answered_is_none_any_more() -> None:
    confirmed = replace(CEM, chosen_at=NOW - timedelta(days=2))
    shown = view(known(matches=(confirmed,), chosen=confirmed))
    assert shown.title == "Cem Aydan"
    assert shown.accessible_name == "Incoming call from Cem Aydan"


def test_who_is_one_person_by_the_users_word_can_be_parted() -> None:
    joined = replace(ANA, is_joined=True, merged=(("crm", "7"),))
    shown = view(known(matches=(joined,), chosen=joined))
    assert "They are not one person" in [action.text for action in shown.more]


def test_everything_that_speaks_for_a_match_is_told() -> None:
    chosen = replace(ANA, chosen_at=NOW - timedelta(days=2), is_joined=True)
    assert view(known(matches=(chosen,), chosen=chosen)).why.split("\n") == [
        "Found by the whole number: same number",
        "Source: Voxloud",
        "Changed there: 3 h ago",
        "Chosen by you: 12 Nov",
        "One person by your word",
    ]
    assert view(known(matches=(CEM,), chosen=CEM)).why.startswith(
        "Found by the last digits only: same last 9 digits"
    )


def test_several_people_are_listed_and_none_is_guessed() -> None:
    shown = view(known(chosen=None, matches=(ANA, BO, CEM)))
    assert shown.title == NUMBER_TEXT
    assert shown.detail_head == "Ana Petrauskienė, Bo Lindqvist or 1 more"
    assert shown.reason == "3 people have this number"
    assert [action.text for action in shown.identity_actions] == ["Choose", "Options"]
    assert [(row.key, row.name) for row in shown.people] == [
        ("1", "Ana Petrauskienė"),
        ("2", "Bo Lindqvist"),
        ("3", "Cem Aydan"),
    ]
    assert {row.why for row in shown.people} == {
        "same number · Voxloud · 3 h ago",
        "same last 9 digits · Voxloud · 3 h ago",
    }


def test_a_source_without_an_answer_is_not_taken_for_one_that_knows_nobody() -> None:
    one = view(ringing(is_lookup_pending=False, silent=("HubSpot",)))
    assert one.reason == "No answer from HubSpot"
    two = view(ringing(is_lookup_pending=False, silent=("HubSpot", "Staff")))
    assert two.reason == "No answer from 2 sources"
    assert two.why == "No answer from: HubSpot or Staff"


def test_the_age_of_an_answer_is_told_where_the_record_has_none() -> None:
    told_at = NOW - timedelta(hours=2)
    undated = replace(ANA, contact=replace(ANA.contact, updated_at=None))
    shown = view(known(chosen=replace(undated, told_at=told_at)))
    assert shown.reason.endswith("2 h ago")
    assert "Told: 2 h ago" in shown.why


def test_others_with_the_number_can_still_be_chosen() -> None:
    one = view(known(matches=(ANA, BO)))
    assert [action.text for action in one.identity_actions] == [
        "1 more person",
        "Options",
    ]
    two = view(known(matches=(ANA, BO, CEM)))
    assert [action.text for action in two.identity_actions] == [
        "2 more people",
        "Options",
    ]
    assert [row.is_chosen for row in two.people] == [True, False, False]


def test_an_unknown_caller_can_be_saved_or_searched_for() -> None:
    shown = view(ringing(is_lookup_pending=False))
    assert [action.text for action in shown.identity_actions] == [
        "Create contact",
        "Search",
        "Options",
    ]
    assert "Add the number to a contact…" in [action.text for action in shown.more]


@pytest.mark.parametrize(
    ("mark", "reason", "undo"),
    [
        ("spam", "Spam: its next calls show no card", "Not spam"),
        ("private", "Private: no name is kept in the log", "Not private"),
    ],
)
def test_a_marked_number_says_so_and_can_be_unmarked(
    mark: str, reason: str, undo: str
) -> None:
    shown = view(ringing(mark=mark, is_lookup_pending=False))
    assert shown.reason == reason
    assert [action.text for action in shown.identity_actions] == [undo, "Options"]


def test_a_promised_call_back_comes_before_the_last_talk() -> None:
    card = known()
    context = replace(card.context, promised_at=NOW - timedelta(days=1))
    shown = view(replace(card, context=context))
    assert shown.context == (
        "Call back promised: yesterday · Last: 12 Nov, Jonas: waiting for the invoice"
    )
    assert shown.is_context_urgent


def test_any_caller_with_a_number_can_be_marked() -> None:
    for card in (known(), ringing(is_lookup_pending=False)):
        offered = [action.kind for action in view(card).more]
        assert ActionKind.SPAM in offered
        assert ActionKind.PRIVATE in offered
        assert ActionKind.DO_NOT_CALL in offered
    hidden = view(ringing(number_e164="", number_text="", is_lookup_pending=False))
    assert hidden.more == ()


def test_an_unknown_number_tells_its_area_and_country() -> None:
    card = ringing(place="GB", area="London", is_lookup_pending=False)
    shown = card_view(card, NOW, country_name={"GB": "United Kingdom"}.__getitem__)
    assert shown.detail_head == "London, United Kingdom"


def test_while_the_lookup_runs_nothing_is_offered_that_it_could_make_wrong() -> None:
    (options,) = view(ringing()).identity_actions
    assert not options.is_enabled


def test_a_withheld_number_says_so_and_offers_nothing_that_needs_one() -> None:
    shown = view(
        ringing(
            number_text="",
            number_e164="",
            place="",
            is_withheld=True,
            is_lookup_pending=False,
        )
    )
    assert shown.title == "Number withheld"
    assert shown.accessible_name == "Incoming call from a withheld number"
    assert shown.identity_actions == ()
    enabled = [action.text for action in shown.actions if action.is_enabled]
    assert enabled == ["Note", "Quiet"]


def test_a_number_that_was_not_reported_is_not_called_withheld() -> None:
    shown = view(ringing(number_text="", number_e164="", place=""))
    assert shown.title == "Number not reported"
    assert shown.accessible_name == "Incoming call from an unknown number"


def test_a_call_from_a_colleague_says_so() -> None:
    shown = view(
        ringing(number_text="104", number_e164="", is_internal=True, caller_name="Ida")
    )
    assert (shown.title, shown.detail_head, shown.detail_tail) == (
        "Ida",
        "Internal call",
        "104",
    )


def test_an_internal_call_is_not_called_so_twice() -> None:
    shown = view(
        ringing(
            number_text="104",
            number_e164="",
            is_internal=True,
            caller_name="Ida",
            line_text="",
        )
    )
    assert (shown.line, shown.detail_head) == ("Internal call", "Colleague")


def test_a_country_is_told_by_its_name() -> None:
    shown = card_view(
        ringing(place="GB"), NOW, country_name={"GB": "Britain"}.__getitem__
    )
    assert shown.detail_head == "Britain"


def test_what_a_button_leaves_open_is_told_beside_it() -> None:
    hints = {one.kind: one.hint for one in view(ringing()).actions}
    assert "hour" in hints[ActionKind.QUIET]
    assert "call back" in hints[ActionKind.LATER]


def test_the_account_is_named_only_when_there_are_several() -> None:
    assert card_view(known(), NOW).line == "Sales UK"
    several = card_view(known(), NOW, is_account_shown=True)
    assert several.line == "Sales UK · Voxloud"


# --- what it is doing ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "state", "tone"),
    [
        (CardPhase.RINGING, "Ringing 0:07", Tone.RINGING),
        (CardPhase.DIALLING, "Dialling 0:07", Tone.RINGING),
        (CardPhase.CONNECTED, "Talking 0:07", Tone.TALKING),
        (CardPhase.ANSWERED_ELSEWHERE, "Answered by a colleague", Tone.CALM),
        (CardPhase.MISSED, "Missed call", Tone.MISSED),
        (CardPhase.ENDED, "Call ended", Tone.CALM),
    ],
)
def test_each_phase_has_its_words_and_its_tone(
    phase: CardPhase, state: str, tone: Tone
) -> None:
    shown = view(known(phase=phase))
    assert (shown.state, shown.tone) == (state, tone)
    assert shown.icon


def test_no_two_phases_look_the_same_without_colour() -> None:
    shown = [view(known(phase=phase)) for phase in CardPhase]
    assert len({(one.icon, one.state) for one in shown}) == len(CardPhase)


def test_of_several_people_it_is_told_who_was_talked_with_and_when() -> None:
    spoken = (("Bo Lindqvist", NOW - timedelta(days=9)),)
    shown = view(known(chosen=None, matches=(ANA, BO), spoken=spoken))
    told = [f"{row.details} {row.why}" for row in shown.people]
    assert "talked 5 Nov" in told[1]
    assert "talked" not in told[0]


def test_only_what_goes_on_has_a_running_time() -> None:
    running = {phase for phase in CardPhase if view(known(phase=phase)).timer_since}
    assert running == {
        CardPhase.RINGING,
        CardPhase.DIALLING,
        CardPhase.CONNECTED,
        CardPhase.WRAP_UP,
    }


def test_the_running_time_runs() -> None:
    later = NOW + timedelta(minutes=61)
    assert state_text(known(phase=CardPhase.CONNECTED), later) == "Talking 1:01:07"


def test_who_answered_elsewhere_is_named() -> None:
    shown = view(known(phase=CardPhase.ANSWERED_ELSEWHERE, answered_by="Ana"))
    assert shown.state == "Answered by Ana"


def test_an_end_that_was_not_reported_is_told() -> None:
    shown = view(known(phase=CardPhase.LOST, is_end_inferred=True))
    assert (shown.state, shown.icon, shown.tone) == (
        "End unknown",
        "alert",
        Tone.TROUBLE,
    )
    assert shown.context == "The end of this call was not reported"


# --- dialling ---------------------------------------------------------------------


def test_a_dial_says_what_to_do_now() -> None:
    progress = dialled(DialState.OWN_PHONE_RINGS, "Your phone is ringing: pick up")
    card = card_of_dial(progress, NOW)
    shown = card_view(card, NOW, progress=progress)
    assert shown.context == "Your phone is ringing: pick up"
    assert shown.is_context_urgent
    assert shown.accessible_name == "Outgoing call to Ana Petrauskienė"


def test_a_dial_of_unclear_outcome_says_so_with_advice() -> None:
    progress = dialled(DialState.UNCLEAR, "No answer came", "Look at your phone")
    shown = card_view(card_of_dial(progress, NOW), NOW, progress=progress)
    assert shown.tone is Tone.TROUBLE
    assert (shown.state, shown.context, shown.reason) == (
        "Was it dialled?",
        "No answer came",
        "Look at your phone",
    )


def test_a_dial_and_the_call_that_comes_of_it_share_one_card() -> None:
    call = known(direction=Direction.OUTBOUND, dial_id="d1")
    assert card_key(call) == dial_key("d1")
    assert card_key(known()) == REF


# --- earlier calls ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Last: 12 Nov, they called"),
        ({"by": "Jonas"}, "Last: 12 Nov, talked to Jonas"),
        ({"note": "angry"}, "Last: 12 Nov: angry"),
        ({"note": "angry", "by": "Jo"}, "Last: 12 Nov, Jo: angry"),
        ({"outcome": CallOutcome.NO_ANSWER}, "Last: 12 Nov, missed call"),
        ({"outcome": CallOutcome.UNKNOWN}, "Last: 12 Nov, they called"),
        ({"outcome": CallOutcome.VOICEMAIL}, "Last: 12 Nov, they left a message"),
        ({"direction": Direction.OUTBOUND}, "Last: 12 Nov, we called"),
        (
            {"direction": Direction.OUTBOUND, "outcome": CallOutcome.BUSY},
            "Last: 12 Nov, we called, busy",
        ),
        (
            {"direction": Direction.OUTBOUND, "outcome": CallOutcome.NO_ANSWER},
            "Last: 12 Nov, we called, no answer",
        ),
    ],
)
def test_the_last_talk_in_one_line(changes: dict[str, object], expected: str) -> None:
    talk = LastTalk(
        at=NOW - timedelta(days=2),
        direction=Direction.INBOUND,
        outcome=CallOutcome.ANSWERED,
    )
    talk = replace(talk, **changes)  # type: ignore[arg-type]
    assert last_talk_text(talk, NOW) == expected


def test_a_first_call_is_called_one_only_when_everybody_was_asked() -> None:
    assert view(ringing()).context == ""
    assert view(ringing(is_lookup_pending=False)).context == "No earlier calls"


def test_no_missed_calls_are_not_mentioned() -> None:
    assert view(known(context=CallerContext())).missed == ""


# --- buttons ------------------------------------------------------------------------


def test_buttons_keep_their_places_through_the_life_of_a_call() -> None:
    fixed = [ActionKind.OPEN, ActionKind.COPY, ActionKind.NOTE, ActionKind.LATER]
    for phase in CardPhase:
        assert kinds(known(phase=phase))[:4] == fixed
    assert kinds(ringing())[:4] == fixed


def test_the_last_button_is_the_one_of_the_moment() -> None:
    assert kinds(known())[4:] == [ActionKind.QUIET]
    assert kinds(known(phase=CardPhase.CONNECTED))[4:] == []
    assert kinds(known(phase=CardPhase.MISSED))[4:] == [ActionKind.CALL_BACK]
    assert kinds(known(phase=CardPhase.ENDED))[4:] == [ActionKind.CALL_BACK]


def test_nothing_to_open_disables_the_button_but_keeps_it() -> None:
    opening = view(known(record_url="")).actions[0]
    assert (opening.text, opening.is_enabled) == ("Open", False)


def test_a_dial_without_a_call_takes_no_note() -> None:
    progress = dialled(DialState.SENDING, "Dialling …")
    note = card_view(card_of_dial(progress, NOW), NOW).actions[2]
    assert (note.kind, note.is_enabled) == (ActionKind.NOTE, False)


# --- foreign text -----------------------------------------------------------------


def test_control_and_direction_characters_are_gone_markup_is_text() -> None:
    shown = view(ringing(caller_name="<b>A\u202en\x07a</b>\nB"))
    assert shown.title == "<b>An a</b> B"
    assert shown.accessible_name == "Incoming call from <b>An a</b> B"


def test_braces_in_a_name_are_not_taken_for_gaps() -> None:
    shown = view(known(answered_by="{time} {0}", phase=CardPhase.ANSWERED_ELSEWHERE))
    assert shown.state == "Answered by {time} {0}"


def test_a_right_to_left_name_is_told_to_a_screen_reader_without_marks() -> None:
    shown = view(known(chosen=match(contact("יעל כהן"))))
    assert shown.accessible_name == "Incoming call from יעל כהן"


def test_every_story_has_a_title_a_state_and_a_name() -> None:
    for card, progress in stories().values():
        shown = card_view(card, NOW, progress=progress)
        assert shown.title
        assert shown.state
        assert shown.accessible_name
        assert len(shown.title) <= 300


@pytest.mark.parametrize(
    ("company", "expected"),
    [
        ("UAB Rytas", "Incoming call from Ana, UAB Rytas, on Sales UK"),
        ("", "Incoming call from Ana, on Sales UK"),
    ],
)
def test_the_announcement_names_caller_company_and_line(
    company: str, expected: str
) -> None:
    shown = view(known(chosen=match(contact("Ana", company))))
    assert shown.announcement == expected


def test_of_a_very_long_name_only_the_beginning_is_said() -> None:
    shown = view(known(chosen=match(contact("Ana " * 70, "Rytas " * 50))))
    assert shown.announcement.startswith("Incoming call from Ana Ana")
    assert len(shown.announcement) < 220
