"""Where things lie in the data folder, and where a server lives when its account cannot get in there."""

import hashlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

from tracker.embedded.accounts import Account

# Linux allows 107 bytes in the path of a Unix socket, macOS 103.
LONGEST_SOCKET_PATH = 100
SIGNS = frozenset(',;#?%"')
OURS = 0o711  # the mode of a data folder that we made
MAIL = "mail"  # where no mail server is set
ELSEWHERE = Path("/var/lib/letters-embedded")


def prepare_data_folder(data: Path) -> None:
    """Makes the data folder. Others may pass through it (a server's account has to) but not list it.

    One that was there before keeps its mode: it may be somebody's home, or `/tmp`, which all others use.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    try:
        data.mkdir()
    except FileExistsError:
        if not data.is_dir():
            raise
    else:
        data.chmod(OURS)
    for folder in (data / "log", data / "locks", data / MAIL):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
            hand_over(folder, data)
    # Mails hold links by which a password is chosen; Django, which made the folder once, let everybody read both.
    # In a folder that we made, that is: the `mail` of /var is the machine's.
    if stat.S_IMODE(data.stat().st_mode) == OURS and (data / MAIL).stat().st_uid == os.geteuid():
        (data / MAIL).chmod(0o700)


def hand_over(path: Path, data: Path) -> None:
    """Give what root made in the data folder to whom that belongs: where the site is another account, it could not use it."""
    if os.geteuid() == 0:
        owner = data.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def socket_folder(data: Path, server: str, file_name: str) -> Path:
    """The folder of the server's Unix socket: in the data folder, unless the path gets too long for the kernel, or has a
    sign that an address ends or another one begins with: PostgreSQL and its clients take a comma for a second folder.

    Depends on the data folder's path alone, so that settings know it before the server runs.
    """
    folder = data / server / "run"
    if len(os.fsencode(folder / file_name)) <= LONGEST_SOCKET_PATH and not SIGNS & set(str(folder)):
        return folder
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    # made private, and refused where somebody else made it: see `make_private`
    return Path("/tmp") / f"letters-{os.geteuid()}-{name}-{server}"  # noqa: S108


def make_private(folder: Path, account: Account) -> None:
    """Makes `folder` for `account` alone; refuses one that somebody else put there first."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid not in (account.uid, os.geteuid()):
            raise RuntimeError(
                f"{folder} is not ours (it belongs to user {found.st_uid}). Remove it, or set TRACKER_DATA to a shorter path."
            ) from None
    account.own(folder)


def home(data: Path, server: str, account: Account) -> Path:
    """The server's own folder `data/server`, made for `account`; a link to a place it can reach if it cannot get in.

    That happens when root keeps the data folder below a folder closed to others, such as /root:
    modes of folders above the data folder are not ours to change.
    """
    inside = data / server
    if inside.is_symlink():
        target = inside.resolve()
        if not target.is_dir():
            raise RuntimeError(
                f"{inside} points to {target}, which is gone. Put it back, or remove the link to start afresh."
            )
        return target
    if inside.exists() or account.can_reach(data):
        account.own(inside)
        if not account.can_reach(inside):
            raise RuntimeError(
                f"The account {account.name!r}, which runs {server}, cannot enter {inside}. "
                f"Run `chmod o+x` on the folders above it, or set TRACKER_DATA."
            )
        return inside
    ELSEWHERE.mkdir(mode=0o711, exist_ok=True)
    target = Path(tempfile.mkdtemp(prefix=f"{server}-{secrets.token_hex(2)}-", dir=ELSEWHERE))
    account.own(target)
    inside.symlink_to(target)
    return target
