"""As whom PostgreSQL runs: it refuses to be root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xeno.embedded.errors import EngineError
from xeno.embedded.processes import plain_environment


@dataclass(frozen=True)
class Identity:
    """A way to run PostgreSQL's programs: as ourselves, in a user namespace, or as another user."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None

    def run(self, argv: Sequence[str | Path], cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, its output and its errors in `stdout`."""
        # a session of its own: Ctrl-C in the terminal is for us, who then stop the server in order
        return subprocess.run(  # noqa: S603 - the wheel's own programs
            [*self.prefix, *argv],
            cwd=cwd,
            env=plain_environment(),
            user=self.uid,
            group=None if self.uid is None else pwd.getpwuid(self.uid).pw_gid,
            extra_groups=None if self.uid is None else [],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            check=False,
        )

    def give(self, path: Path) -> None:
        """Let this identity own the path; only root can, and only root has several."""
        if self.uid is not None:
            os.chown(path, self.uid, pwd.getpwuid(self.uid).pw_gid)
        elif self.prefix:
            os.chown(path, os.geteuid(), os.getegid())

    def may_work_in(self, folder: Path, program: Path) -> bool:
        """Tell whether this identity can run the program and write into the folder."""
        script = '"$1" --version >/dev/null && test -w "$2" && test -x "$2"'
        question: list[str | Path] = ["/bin/sh", "-c", script, "sh", program, folder]
        try:
            return self.run(question, folder).returncode == 0
        except OSError:
            return False


def in_namespace() -> Identity:
    """Return root as the one, unprivileged user of a namespace: needs no account of its own."""
    # initdb looks its user up, so the number inside must be one that has a name
    inside = next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0), 1000)
    mapping = (f"--map-user={inside}", f"--map-group={inside}")
    return Identity(prefix=("unshare", "--user", *mapping, "--"))


def find_identity(folder: Path, program: Path) -> Identity:
    """Return who can run this program on this folder, which is theirs afterwards."""
    if os.geteuid() != 0:
        return Identity()
    owner = folder.stat().st_uid
    candidates = [in_namespace(), *_unprivileged(folder)]
    if (folder / "data").exists():
        # whose the files are is settled; root's own can be read in the namespace only
        candidates = [Identity(uid=owner)] if owner else candidates[:1]
    for candidate in candidates:
        _open_way(candidate, folder)
        if candidate.may_work_in(folder, program):
            return candidate
    raise EngineError(
        f"PostgreSQL refuses to run as root, and nobody else can work in {folder}: "
        "run as an ordinary user, set XENO_HOME to a folder that others may enter, or DATABASE_URL."
    )


def _unprivileged(folder: Path) -> list[Identity]:
    owner = folder.parent.parent.stat().st_uid
    nobody = next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_name == "nobody"), None)
    return [Identity(uid=uid) for uid in (owner, nobody) if uid]


def _open_way(candidate: Identity, folder: Path) -> None:
    candidate.give(folder)
    if candidate.uid is not None:
        folder.parent.chmod(0o711)  # the home: to pass through, not to list
