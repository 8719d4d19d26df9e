"""The team's channel: what travels over the broker, and the broker itself."""
