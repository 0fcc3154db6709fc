"""A backup that only the holder of a key can read: by age or gpg, whichever the office has. Plain bytes without either."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tracker.backups.errors import BackupError
from tracker.backups.programs import cipher, said

AGE, TAR = b"age-encryption.org/", b"ustar"
QUIET = ["--batch", "--yes", "--quiet"]
# How often a passphrase is hashed: the most there is. Without a number gpg asks its agent how much fits into a tenth of a
# second, and the agent that it starts for this alone stays when the backup is done.
HASHED = ["--s2k-count", "65011712"]


@dataclass(frozen=True)
class Seal:
    """To whom: a recipient of age, a key of gpg, or a file whose first line is a passphrase (gpg). At most one."""

    age: str = ""
    gpg: str = ""
    passphrase: Path | None = None

    def command(self) -> list[str]:
        """What encrypts its input; nothing where nothing is to be."""
        if self.age:
            return [cipher("age", "--age"), "--encrypt", "--recipient", self.age]
        if self.gpg:
            return [cipher("gpg", "--gpg"), *QUIET, "--trust-model", "always", "--encrypt", "--recipient", self.gpg]
        if self.passphrase:
            return [cipher("gpg", "--passphrase-file"), *QUIET, *_passphrase(self.passphrase), *HASHED, "--symmetric"]
        return []


@contextlib.contextmanager
def sealed(to: IO[bytes], seal: Seal) -> Iterator[IO[bytes]]:
    """Whatever is written inside comes to `to`, encrypted where it shall be."""
    command = seal.command()
    if not command:
        yield to
        return
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=to, stderr=subprocess.PIPE) as program:
        assert program.stdin
        assert program.stderr
        try:
            with contextlib.suppress(BrokenPipeError):  # it says below why it went away
                yield program.stdin
                program.stdin.close()
        except BaseException:
            program.kill()
            raise
        errors = program.stderr.read()
        with contextlib.suppress(BrokenPipeError):
            program.stdin.close()
        if program.wait():
            raise BackupError(f"{Path(command[0]).name} failed: {said(errors)}")


def opened(file: Path, folder: Path, *, identity: Path | None, passphrase: Path | None) -> Path:
    """The same file, or its decrypted copy in `folder`."""
    with file.open("rb") as start:
        head = start.read(512)
    if head[257:262] == TAR:
        return file
    if head.startswith(AGE):
        if identity is None:
            raise BackupError(f"{file} is encrypted by age. Give the file of its key with --identity.")
        command = [cipher("age", f"{file} is encrypted by age: it"), "--decrypt", "--identity", str(identity)]
    else:
        secret = _passphrase(passphrase) if passphrase else []
        command = [
            cipher("gpg", f"{file} is no plain backup: it may be encrypted, and reading it"),
            *QUIET,
            *secret,
            "--decrypt",
        ]
    plain = folder / "backup.tar"
    with file.open("rb") as source, os.fdopen(os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as to:
        done = subprocess.run(command, stdin=source, stdout=to, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise BackupError(f"{file} is no backup of ours, or cannot be decrypted here: {said(done.stderr)}")
    return plain


def _passphrase(file: Path) -> list[str]:
    if not file.is_file():
        raise BackupError(f"--passphrase-file: there is no file {file}.")
    return ["--pinentry-mode", "loopback", "--passphrase-file", str(file)]
