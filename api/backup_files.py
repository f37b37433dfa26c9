"""The installation's own backups: where they lie, which are kept, and when the next is due."""

from pathlib import Path

from api.settings import Settings


def folder(settings: Settings) -> Path:
    """Where the backups that are made by themselves lie."""
    return settings.data / "backups"
