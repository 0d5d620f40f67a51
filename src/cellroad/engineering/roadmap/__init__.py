"""When is the next chemistry ready, what does it cost, and what does it strand?"""
