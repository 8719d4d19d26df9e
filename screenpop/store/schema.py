"""The tables, step by step as versions of the program made them.

Moments are microseconds since 1970 (UTC). Booleans are 0 or 1. Texts are "" rather
than NULL when unknown. Everything in ``calls`` can be derived again from
``call_events``; notes, dismissals and claims cannot and so live apart.
"""

from __future__ import annotations

from typing import Final

_JOURNAL: Final = (
    # AUTOINCREMENT: a number is never used again, also not after pruning.
    """CREATE TABLE deliveries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL,
        source TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        body BLOB NOT NULL,
        request TEXT NOT NULL,
        is_processed INTEGER NOT NULL DEFAULT 0,
        unreadable TEXT
    )""",
    "CREATE INDEX deliveries_by_time ON deliveries (received_at)",
    "CREATE INDEX deliveries_pending ON deliveries (seq) WHERE is_processed = 0",
    """CREATE INDEX deliveries_unreadable ON deliveries (seq)
        WHERE unreadable IS NOT NULL""",
)

_CALL_LOG: Final = (
    """CREATE TABLE call_events (
        account_id TEXT NOT NULL,
        call_id TEXT NOT NULL,
        event_key BLOB NOT NULL,
        received_at INTEGER NOT NULL,
        payload TEXT NOT NULL,
        PRIMARY KEY (account_id, call_id, event_key)
    ) WITHOUT ROWID""",
    """CREATE TABLE calls (
        account_id TEXT NOT NULL,
        call_id TEXT NOT NULL,
        direction TEXT NOT NULL,
        is_internal INTEGER NOT NULL,
        state TEXT NOT NULL,
        outcome TEXT,
        is_end_inferred INTEGER NOT NULL,
        remote_number TEXT NOT NULL,
        remote_e164 TEXT NOT NULL,
        remote_name TEXT NOT NULL,
        remote_is_withheld INTEGER NOT NULL,
        line_number TEXT NOT NULL,
        line_name TEXT NOT NULL,
        user_extension TEXT NOT NULL,
        answered_by TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        connected_at INTEGER,
        ended_at INTEGER,
        ring_seconds REAL,
        talk_seconds REAL,
        kind TEXT NOT NULL,
        dial_id TEXT NOT NULL,
        is_own_leg INTEGER NOT NULL,
        recording_url TEXT NOT NULL,
        voicemail_url TEXT NOT NULL,
        has_voicemail INTEGER NOT NULL,
        transcription TEXT NOT NULL,
        summary TEXT NOT NULL,
        sentiment REAL,
        labels TEXT NOT NULL,
        rules TEXT NOT NULL,
        contact_source TEXT NOT NULL,
        contact_url TEXT NOT NULL,
        attachment_url TEXT NOT NULL,
        pages INTEGER,
        description TEXT NOT NULL,
        record_id TEXT NOT NULL,
        matched_name TEXT NOT NULL,
        matched_company TEXT NOT NULL,
        match_text TEXT NOT NULL DEFAULT '',
        last_heard_at INTEGER NOT NULL,
        party TEXT NOT NULL,
        is_answered INTEGER NOT NULL,
        is_missed INTEGER NOT NULL,
        search_text TEXT NOT NULL,
        PRIMARY KEY (account_id, call_id)
    )""",
    "CREATE INDEX calls_by_time ON calls (started_at)",
    "CREATE INDEX calls_by_party ON calls (party, started_at) WHERE party <> ''",
    """CREATE INDEX calls_talks ON calls (party, coalesce(connected_at, started_at))
        WHERE is_answered = 1 AND is_own_leg = 0 AND party <> ''""",
    """CREATE INDEX calls_missed
        ON calls (started_at, account_id, call_id, party, is_internal)
        WHERE is_missed = 1""",
    "CREATE INDEX calls_open ON calls (started_at) WHERE ended_at IS NULL",
    "CREATE INDEX calls_by_dial ON calls (dial_id) WHERE dial_id <> ''",
    """CREATE TABLE notes (
        account_id TEXT NOT NULL,
        call_id TEXT NOT NULL,
        text TEXT NOT NULL,
        search_text TEXT NOT NULL,
        updated_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, call_id)
    ) WITHOUT ROWID""",
    """CREATE TABLE missed_dismissals (
        account_id TEXT NOT NULL,
        call_id TEXT NOT NULL,
        dismissed_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, call_id)
    ) WITHOUT ROWID""",
    """CREATE TABLE call_back_promises (
        account_id TEXT NOT NULL,
        call_id TEXT NOT NULL,
        promised_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, call_id)
    ) WITHOUT ROWID""",
    """CREATE TABLE pop_claims (
        account_id TEXT NOT NULL,
        call_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        PRIMARY KEY (account_id, call_id, kind)
    ) WITHOUT ROWID""",
)

_DIALS: Final = (
    """CREATE TABLE dials (
        dial_id TEXT NOT NULL PRIMARY KEY,
        account_id TEXT NOT NULL,
        extension TEXT NOT NULL,
        number_e164 TEXT NOT NULL,
        number_raw TEXT NOT NULL,
        caller_id TEXT NOT NULL,
        dial_first TEXT NOT NULL,
        source TEXT NOT NULL,
        requested_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        state_at INTEGER NOT NULL,
        error_title TEXT NOT NULL,
        vendor_call_id TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX dials_by_time ON dials (requested_at)",
    """CREATE INDEX dials_by_call ON dials (account_id, vendor_call_id)
        WHERE vendor_call_id <> ''""",
)

# A contact is visible while floor <= generation <= visible of its source, and no
# visible row of the same source_id has a higher generation (see store/contact_rows).
_CONTACTS: Final = (
    """CREATE TABLE contact_sources (
        source_no INTEGER PRIMARY KEY,
        source TEXT NOT NULL UNIQUE,
        label TEXT NOT NULL DEFAULT '',
        floor INTEGER NOT NULL DEFAULT 0,
        visible INTEGER NOT NULL DEFAULT 0,
        newest INTEGER NOT NULL DEFAULT 0,
        importing INTEGER,
        touched_at INTEGER,
        imported_at INTEGER,
        has_outdated INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE contacts (
        contact_no INTEGER PRIMARY KEY AUTOINCREMENT,
        source_no INTEGER NOT NULL,
        source_id TEXT NOT NULL,
        generation INTEGER NOT NULL,
        name TEXT NOT NULL,
        company TEXT NOT NULL,
        job_title TEXT NOT NULL,
        numbers TEXT NOT NULL,
        emails TEXT NOT NULL,
        url TEXT NOT NULL,
        updated_at INTEGER,
        search_text TEXT NOT NULL,
        UNIQUE (source_no, source_id, generation)
    )""",
    """CREATE TABLE contact_numbers (
        number_key INTEGER NOT NULL,
        contact_no INTEGER NOT NULL,
        PRIMARY KEY (number_key, contact_no)
    ) WITHOUT ROWID""",
    """CREATE INDEX contact_numbers_by_end ON contact_numbers
        (number_key % 1000000000) WHERE number_key > 0""",
    # Every category but separators is part of a word: the words are made before.
    """CREATE VIRTUAL TABLE contact_search USING fts5 (
        search_text, content = 'contacts', content_rowid = 'contact_no',
        detail = none, columnsize = 0, prefix = '1 2 3 4',
        tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'"
    )""",
)

VERSION_1: Final = (*_JOURNAL, *_CALL_LOG, *_DIALS, *_CONTACTS)

# Both can be told again by nobody: notes for vendors, and texts from webhooks.
VERSION_2: Final = (
    """CREATE TABLE note_outbox (
        account_id TEXT NOT NULL,
        call_id TEXT NOT NULL,
        text TEXT NOT NULL,
        needs_follow_up INTEGER NOT NULL,
        severity INTEGER NOT NULL,
        version INTEGER NOT NULL,
        state TEXT NOT NULL,
        changed_at INTEGER NOT NULL,
        problem TEXT NOT NULL,
        advice TEXT NOT NULL,
        PRIMARY KEY (account_id, call_id)
    ) WITHOUT ROWID""",
    """CREATE INDEX note_outbox_waiting ON note_outbox (version)
        WHERE state = 'waiting'""",
    """CREATE INDEX note_outbox_versions ON note_outbox (version)""",
    """CREATE TABLE text_messages (
        message_no INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL,
        is_inbound INTEGER NOT NULL,
        sender TEXT NOT NULL,
        recipient TEXT NOT NULL,
        text TEXT NOT NULL,
        conversation_id TEXT NOT NULL,
        received_at INTEGER NOT NULL
    )""",
    "CREATE INDEX text_messages_by_time ON text_messages (received_at)",
)

# Not part of the call log: a vendor's list has no calls in it (see store/lost_callers).
VERSION_3: Final = (
    """CREATE TABLE lost_callers (
        account_id TEXT NOT NULL,
        number TEXT NOT NULL,
        line TEXT NOT NULL,
        party TEXT NOT NULL,
        name TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        done_at INTEGER,
        removed_at INTEGER,
        PRIMARY KEY (account_id, number, line)
    ) WITHOUT ROWID""",
)

# Colleagues' calls have no row in the log (see store/call_backs).
VERSION_4: Final = (
    """CREATE TABLE call_backs (
        account_id TEXT NOT NULL,
        call_id TEXT NOT NULL,
        party TEXT NOT NULL,
        talked_at INTEGER NOT NULL,
        by_whom TEXT NOT NULL,
        PRIMARY KEY (account_id, call_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX call_backs_by_party ON call_backs (party, account_id, talked_at)",
)

# How far the copy of a synced source has come, in the source's own words.
VERSION_5: Final = (
    "ALTER TABLE contact_sources ADD COLUMN mark TEXT NOT NULL DEFAULT ''",
)

# What the user said of people and numbers: nobody can tell it again.
VERSION_6: Final = (
    """CREATE TABLE chosen_people (
        number_key TEXT NOT NULL PRIMARY KEY,
        source TEXT NOT NULL,
        source_id TEXT NOT NULL,
        name TEXT NOT NULL,
        chosen_at INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE same_people (
        source TEXT NOT NULL,
        source_id TEXT NOT NULL,
        person INTEGER NOT NULL,
        name TEXT NOT NULL,
        joined_at INTEGER NOT NULL,
        PRIMARY KEY (source, source_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX same_people_by_person ON same_people (person)",
    """CREATE TABLE number_marks (
        number_key TEXT NOT NULL PRIMARY KEY,
        mark TEXT NOT NULL,
        marked_at INTEGER NOT NULL
    ) WITHOUT ROWID""",
)

# Lets vendors in while the keychain is locked (see store/hook_digests).
VERSION_7: Final = (
    """CREATE TABLE hook_digests (
        account_id TEXT NOT NULL PRIMARY KEY,
        digest BLOB NOT NULL
    ) WITHOUT ROWID""",
)

# What calls came to, and when somebody is to be called back.
VERSION_8: Final = (
    """CREATE TABLE wrap_ups (
        account_id TEXT NOT NULL,
        call_id TEXT NOT NULL,
        disposition TEXT NOT NULL,
        search_text TEXT NOT NULL,
        set_at INTEGER NOT NULL,
        PRIMARY KEY (account_id, call_id)
    ) WITHOUT ROWID""",
    "ALTER TABLE call_back_promises ADD COLUMN due_at INTEGER",
    "ALTER TABLE call_back_promises ADD COLUMN reminded_at INTEGER",
)

# Whom the user wants at hand in the dialer.
VERSION_9: Final = (
    """CREATE TABLE favourites (
        number_key TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        added_at INTEGER NOT NULL
    ) WITHOUT ROWID""",
)

# All that counting the missed calls asks of a call: no row is read for it.
VERSION_10: Final = (
    "DROP INDEX calls_missed",
    """CREATE INDEX calls_missed ON calls
        (started_at, account_id, call_id, party, is_internal, is_missed)
        WHERE is_missed = 1""",
)
