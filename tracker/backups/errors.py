"""What can go wrong with a backup, in words for whoever runs the site."""


class BackupError(Exception):
    """A backup that was not made, or not restored; nothing was changed unless it says so."""
