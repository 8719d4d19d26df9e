"""MobTexting: cloud telephony from India, programmed by voice flows."""
