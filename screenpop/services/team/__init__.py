"""The desktop's side of the team's relay; loaded only where an account comes by it."""
