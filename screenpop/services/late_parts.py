"""Parts of the application that are built when somebody first asks for them.

An app that waits for calls shows no window, and then it needs none of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screenpop.config.secrets import SecretStore
    from screenpop.config.settings_file import SettingsFile
    from screenpop.services.accounts import Accounts
    from screenpop.services.application import Application
    from screenpop.services.call_back_reminders import CallBackReminders
    from screenpop.services.call_notes import CallNotes
    from screenpop.services.contact_book import ContactBook
    from screenpop.services.dial_desk import DialDesk
    from screenpop.services.preferences import Preferences
    from screenpop.services.team.joining import TeamMembership


def contact_book(app: Application) -> ContactBook:
    """The contacts on this computer and of phone systems."""
    from screenpop.services.contact_book import ContactBook

    return ContactBook(
        local=app.local_contacts,
        connections=app.connections,
        database_file=app.paths.database_file,
        region=app.region,
        changed=app.note_contacts,
        forgotten=app.note_forgotten,
        clock=app.clock,
    )


def dial_desk(app: Application) -> DialDesk:
    """What the dialer shows and suggests."""
    from screenpop.services.dial_desk import DialDesk

    return DialDesk(
        log=app.call_log,
        contacts=app.local_contacts,
        book=app.contacts,
        connections=app.connections,
        accounts=app.views.dial_accounts,
        region=app.region,
        database=app.database,
        clock=app.clock,
        who=app.known,
        team=lambda: app.team.colleagues,
    )


def accounts(app: Application, file: SettingsFile, secrets: SecretStore) -> Accounts:
    """The accounts at phone systems."""
    from screenpop.services.accounts import Accounts

    return Accounts(
        file=file,
        secrets=secrets,
        connections=app.connections,
        states=app.states,
        callback_url=app.callback_url,
        reload=app.reload,
    )


def preferences(app: Application, file: SettingsFile) -> Preferences:
    """The settings, to change."""
    from screenpop.desktop.autostart import login_item
    from screenpop.desktop.url_scheme import scheme_handler
    from screenpop.services.own_program import installed_command
    from screenpop.services.preferences import Preferences

    return Preferences(
        file=file,
        loaded=lambda: app.loaded,
        reload=app.reload,
        login=lambda: login_item(installed_command("run", "--at-login")),
        links=lambda: scheme_handler(installed_command()),
    )


def membership(
    app: Application, file: SettingsFile, secrets: SecretStore
) -> TeamMembership:
    """This computer's place in a team."""
    from screenpop.services.team.joining import TeamMembership

    return TeamMembership(
        paths=app.paths,
        file=file,
        secrets=secrets,
        settings=lambda: app.settings,
        reload=app.reload,
        clock=app.clock,
    )


def call_notes(app: Application) -> CallNotes:
    """Notes on calls, and those that wait to be sent."""
    from screenpop.services.call_notes import CallNotes

    return CallNotes(
        database=app.database,
        log=app.call_log,
        connections=app.connections,
        bus=app.bus,
        supervisor=app.supervisor,
        clock=app.clock,
    )


def reminders(app: Application) -> CallBackReminders:
    """Tells of calls back whose time has come."""
    from screenpop.services.call_back_reminders import CallBackReminders

    return CallBackReminders(
        app.database, bus=app.bus, supervisor=app.supervisor, clock=app.clock
    )
