"""What a chain is: its tables, its files, its checks, the facts that ship with it, and its calendars."""
