"""The card of a call: what it shows, how it looks, where it stands and when it goes."""
