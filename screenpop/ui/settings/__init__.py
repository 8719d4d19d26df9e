"""The settings window, the accounts in it, and the welcome at the first start."""
