"""Creating, changing and importing contacts."""
