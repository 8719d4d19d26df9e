"""What the user sees: card, tray and windows. The only place that knows Qt."""
