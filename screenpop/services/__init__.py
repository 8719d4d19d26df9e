"""What the program does with calls, people and accounts; no Qt, no vendor's name."""
