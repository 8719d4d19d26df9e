"""The team's relay as a server: takes webhooks in, sends them to desks."""
