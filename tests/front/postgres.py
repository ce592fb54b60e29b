"""A real PostgreSQL server in a temporary folder, on a Unix socket only."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

WHY_NOT = "PostgreSQL is not installed here (apt-get install postgresql)"


def binaries() -> Path | None:
    """The newest installed server's own programs; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@dataclass
class Server:
    socket: Path
    user: str
    bin: Path
    data: Path
    _as: str | None

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{self.user}@/{database}?host={self.socket}"

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"front_{uuid.uuid4().hex[:12]}"
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} STRATEGY=file_copy")
        engine.dispose()
        return self.url(name)

    def restart(self) -> None:
        """As a power cut would end it; then it recovers."""
        self._pg_ctl("stop", "-m", "immediate")
        self.start()

    def start(self) -> None:
        options = f"-k {self.socket} -c listen_addresses='' -c shared_buffers=16MB -c max_connections=20 -c fsync=off"
        self._pg_ctl("start", "-o", options, "-l", str(self.data.parent / "log"))

    def stop(self) -> None:
        self._pg_ctl("stop", "-m", "immediate")

    def _pg_ctl(self, *words: str) -> None:
        _run([str(self.bin / "pg_ctl"), "-D", str(self.data), "-w", "-s", *words], self._as)


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """`initdb` refuses root: then it all belongs to nobody."""
    bin_folder = binaries()
    assert bin_folder is not None, WHY_NOT
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="front-pg-", dir="/tmp"))  # a socket's path must be short
    try:
        if user is not None:
            folder.chmod(0o755)
            shutil.chown(folder, user)
        data = folder / "data"
        _run([str(bin_folder / "initdb"), "-D", str(data), "-A", "trust", "-U", "onetrip", "-N", "-E", "UTF8"], user)
        server = Server(folder, "onetrip", bin_folder, data, user)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(words: list[str], user: str | None) -> None:
    extra = {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(
        words,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        env=environment,
        timeout=50,
        check=False,
        **extra,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-500:]
