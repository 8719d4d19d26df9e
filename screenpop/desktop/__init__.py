"""What the program asks of the desktop it runs on; no widgets."""
