"""Whose is it, and who earns what? Owners, transfer prices, accounts, tax and what two partners can have."""
