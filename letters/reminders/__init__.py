"""What is due, found once a day and kept once (invariant 4)."""
