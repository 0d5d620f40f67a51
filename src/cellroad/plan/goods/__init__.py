"""Goods over time: what arrives, comes out beside, comes back, stands in, is kept, ages and is scrapped."""
