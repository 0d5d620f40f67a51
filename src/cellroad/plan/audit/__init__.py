"""Does a plan add up? Worked out again from its frames and its chain alone; nothing is shared with the model."""
