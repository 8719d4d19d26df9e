"""What the user set, where it is kept, and what is written about the running."""
