"""What can go wrong with a backup, in words for whoever runs the site."""

import psycopg


class BackupError(Exception):
    """A backup that was not made, or not restored; nothing was changed unless it says so."""


def in_words(error: Exception) -> str:
    """With the way out where PostgreSQL is away, which it often is behind a stop of everything."""
    if isinstance(error, psycopg.OperationalError):
        return f"The database does not answer: {' '.join(str(error).split())}. Start PostgreSQL, or see DATABASE_URL."
    return str(error)
