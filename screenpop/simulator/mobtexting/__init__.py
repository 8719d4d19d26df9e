"""A local stand-in for MobTexting, written from its documents."""
