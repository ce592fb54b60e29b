"""The TOML files that come with the program, parsed once: before the first paint a few milliseconds count.

A parsed copy lies where Python keeps bytecode and is used as hash-based bytecode is (PEP 552): only while the file's content is what
the copy was made from. So an edited file counts at once, and an installation that cannot be written to parses at every start.
Not for files that may hold secrets.
"""

from __future__ import annotations

import marshal
import os
import sys
from importlib.util import cache_from_source, source_hash
from pathlib import Path
from typing import Any


def read_toml(path: Path) -> dict[str, Any]:
    """What the file says. Raises OSError, and ValueError where it is not TOML."""
    source = path.read_bytes()
    made_from = source_hash(source)
    copy = Path(cache_from_source(str(path))).with_name(f"{path.name}.{sys.implementation.cache_tag}.parsed")
    try:
        kept = copy.read_bytes()
    except OSError:
        kept = b""  # none was made yet, or none can be
    if kept.startswith(made_from):
        try:
            return dict(marshal.loads(kept[len(made_from) :]))
        except (EOFError, ValueError, TypeError):
            kept = b""  # torn: it is made again
    import tomllib

    found = tomllib.loads(source.decode())
    if not sys.dont_write_bytecode:
        _keep(copy, made_from, found)
    return found


def _keep(copy: Path, made_from: bytes, found: dict[str, Any]) -> None:
    """Whole or not at all: another kiosk process may read it at the same moment."""
    try:
        content = made_from + marshal.dumps(found)
    except ValueError:
        return  # dates and times cannot be marshalled: such a file is parsed at every start
    part = copy.with_name(f"{copy.name}.{os.getpid()}")
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(copy)
    except OSError:
        if (
            part.exists()
        ):  # the disk is full; elsewhere nothing could be written at all, and the next start parses again
            part.unlink()
