"""The window with the calls there were, and those that still want an answer."""
