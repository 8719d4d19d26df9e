"""The adapter of Mango Voice, a phone system from the United States."""
