"""Voxloud, formerly Voverc: cloud telephony from Italy."""
