"""The local SQLite database: journal, call log, dials and contacts.

One writer thread per process (``database.Database``) commits in groups; readers use
connections of their own and never wait for it. The repositories take and return
domain types or frozen rows of their own; no SQL leaves this package.
"""
