"""What to do now, and what to do then, when the future is a tree of scenarios."""
