"""What is said of registrations, and that no secret is said with it."""

from __future__ import annotations

from screenpop.providers.protocol import (
    LineHolder,
    OwnedNumber,
    SubscriptionChange,
    SubscriptionOutcome,
)
from screenpop.services.events import SourceState
from screenpop.ui.settings.state_texts import (
    caller_id_choices,
    last_event_text,
    outcome_text,
    state_icon,
    state_tone,
    subscription_texts,
)
from tests.ui.phone_accounts import NOW, URL, VendorTools, state


def test_a_registration_says_whose_it_is_without_its_secret() -> None:
    ours, broken, foreign = VendorTools().registered.values()

    assert subscription_texts(ours, URL) == ("CALL_RINGING", "on · this computer")
    assert "12 failed deliveries" in subscription_texts(broken, URL)[1]
    assert subscription_texts(foreign, URL)[1] == "on · crm.example.org"


def test_what_was_set_right_is_counted() -> None:
    made = SubscriptionOutcome("A", SubscriptionChange.CREATED)
    kept = SubscriptionOutcome("B", SubscriptionChange.KEPT)
    assert outcome_text((made, kept, kept)) == ("Registrations: 1 made, 2 were right.")
    assert outcome_text(()) == "There is nothing to register."


def test_every_state_has_an_icon_and_a_tone() -> None:
    assert all(state_icon(each) for each in SourceState)
    assert state_tone(SourceState.LIVE) == "good"
    assert state_tone(SourceState.NEEDS_KEY) == "bad"


def test_the_last_sign_of_life_is_told() -> None:
    assert last_event_text(state(), NOW).startswith("Last heard from: today")


def test_numbers_are_written_the_way_people_read_them() -> None:
    own = OwnedNumber("+442079460100", "Main")
    user = LineHolder(
        user_id="1", name="Ida", extension="101", caller_id=own, caller_ids=(own,)
    )
    assert caller_id_choices(user) == (
        ("", "The phone system's default · +44 20 7946 0100"),
        ("+442079460100", "+44 20 7946 0100 · Main"),
    )
