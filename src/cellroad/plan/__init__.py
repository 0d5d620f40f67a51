"""What to do: what to buy, build, make, ship and hold, where and when."""
