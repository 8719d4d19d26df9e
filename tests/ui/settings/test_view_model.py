"""Adding an account step by step, without any window."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screenpop.domain.privacy import Secret
from screenpop.ui.settings.view_model import WizardModel, account_id_of
from tests.ui.phone_accounts import OTHER, PhoneAccounts, state


@pytest.fixture
def accounts() -> PhoneAccounts:
    return PhoneAccounts()


@pytest.fixture
def model(accounts: PhoneAccounts) -> WizardModel:
    return WizardModel(accounts)


def test_the_only_phone_system_is_chosen_already(model: WizardModel) -> None:
    assert model.vendor is not None
    assert model.label == "Example Phone"
    assert [field.key for field in model.fields] == [
        "api_key",
        "site",
        "dial_first",
        "base_url",
    ]


def test_several_phone_systems_are_a_choice(accounts: PhoneAccounts) -> None:
    accounts.manifests = (*accounts.manifests, OTHER)
    model = WizardModel(accounts)
    assert model.vendor is None
    model.choose_vendor("other")
    assert [field.key for field in model.fields] == ["user"]


@pytest.mark.parametrize(
    ("label", "values", "secrets", "problem"),
    [
        (" ", {}, {"api_key": "k"}, "Give the account a name."),
        ("A", {}, {"api_key": " "}, "API key is missing."),
        ("A", {"site": "x1"}, {"api_key": "k"}, "Site number is not a number."),
        ("A", {"base_url": "nonsense"}, {"api_key": "k"}, "not a web address"),
        ("A", {"base_url": "http://api.example.com"}, {"api_key": "k"}, "encrypted"),
        ("A", {"base_url": "http://127.0.0.1:9001"}, {"api_key": "k"}, ""),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(
    model: WizardModel,
    label: str,
    values: dict[str, str],
    secrets: dict[str, str],
    problem: str,
) -> None:
    found = model.fill_in(label, values, secrets)
    assert problem in found
    assert bool(problem) == bool(found)


async def test_whose_phone_and_which_number_come_from_the_trial(
    model: WizardModel, accounts: PhoneAccounts
) -> None:
    assert (
        model.fill_in("Acme Sales", {"dial_first": "contact"}, {"api_key": " k "}) == ""
    )
    await model.try_out()
    assert model.welcome_text == "Connected as Acme Ltd."
    assert [text for _key, text in model.user_choices] == [
        "101 · Dana Field",
        "102 · Eve Park",
    ]
    model.choose_extension("101")
    assert [key for key, _text in model.caller_id_choices] == [
        "",
        "+12025550100",
        "+12025550111",
    ]
    model.caller_id = "+12025550111"
    await model.save()

    draft = accounts.added[0]
    assert draft.account_id == "acme-sales"
    assert dict(draft.fields) == {
        "dial_first": "contact",
        "label": "Acme Sales",
        "extension": "101",
        "outbound_number": "+12025550111",
        "region": "US",
    }
    assert draft.secrets == {"api_key": Secret("k")}


def test_a_name_becomes_a_short_id_that_is_not_taken() -> None:
    assert account_id_of("Acme Sales!", set()) == "acme-sales"
    assert account_id_of("Zürich & Söhne", set()) == "zurich-sohne"
    assert account_id_of("電話", {"account"}) == "account-2"
    assert account_id_of("Acme", {"acme", "acme-2"}) == "acme-3"


def test_the_draft_avoids_the_ids_of_the_accounts_there_are() -> None:
    model = WizardModel(PhoneAccounts(state()))
    model.fill_in("Acme", {}, {"api_key": "k"})
    assert model.draft.account_id == "acme-2"


async def test_the_own_phone_is_found_by_the_mail_address(
    model: WizardModel, accounts: PhoneAccounts
) -> None:
    dana, eve = accounts.people
    accounts.people = (eve, replace(dana, email="Dana@example.com"))
    model.fill_in("Acme", {}, {"api_key": "k"})
    await model.try_out()
    assert model.extension == "101"


async def test_with_several_people_and_no_hint_nobody_is_guessed(
    model: WizardModel,
) -> None:
    model.fill_in("Acme", {}, {"api_key": "k"})
    await model.try_out()
    assert model.extension == ""
