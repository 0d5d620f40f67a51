"""The commands of `cellroad`, one question a file."""
