"""The commands, one file a noun; api/cli.py puts them together."""
