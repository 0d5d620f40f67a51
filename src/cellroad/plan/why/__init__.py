"""Why is the plan as it is, what would have to change, and what is the difference to another one?"""
