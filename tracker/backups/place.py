"""What is backed up, and where a backup goes back to: one database and one data folder."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from letters.domain.files import PART
from letters.domain.waiting_files import FOLDER as WAITING
from tracker.env import ENV

# How libpq's programs are told of a connection, by the names of its parameters. Never on a command line, which everybody sees.
VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}  # fmt: skip
KEY_FILE = "secret-key"


@dataclass(frozen=True)
class Place:
    """`database`: parameters of its connection; `folders`: by the name they have in a backup; `secret`: the key's file."""

    database: dict[str, str]
    folders: dict[str, Path]
    secret: Path

    @property
    def variables(self) -> dict[str, str]:
        """The connection as environment variables."""
        return {VARIABLES[name]: str(value) for name, value in self.database.items() if name in VARIABLES and value}

    def kept(self) -> list[tuple[str, Path]]:
        """Each file to keep, with its name in the backup, in one order; none that is still being written or only waits."""
        found = [
            (f"{name}/{path.relative_to(folder).as_posix()}", path)
            for name, folder in self.folders.items()
            if folder.is_dir()
            for path in folder.rglob("*")
            if path.is_file()
            and not path.is_symlink()
            and not path.name.startswith(PART)
            and path.relative_to(folder).parts[0] != WAITING
        ]
        return sorted([*found, *([(KEY_FILE, self.secret)] if self.secret.is_file() else [])])

    def target(self, name: str) -> Path | None:
        """Where a part of a backup goes; None for one that has no place here. No name leads out of its folder."""
        if name == KEY_FILE:
            return self.secret
        top, _, rest = name.partition("/")
        parts = Path(rest).parts
        if top not in self.folders or not parts or ".." in parts or Path(rest).is_absolute():
            return None
        return self.folders[top] / rest


def here() -> Place:
    """This site's own."""
    parameters = connection.get_connection_params()
    return Place(
        database={name: str(value) for name, value in parameters.items() if name in VARIABLES and value},
        folders={"files": Path(settings.MEDIA_ROOT), "documents": Path(settings.DOCUMENTS_ROOT)},
        secret=ENV.TRACKER_DATA / KEY_FILE,
    )
