"""Saves what a technician takes along: to a USB stick, or to a folder of the settings.

A file is there whole or not at all: it is written under another name, made durable, then renamed.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class ExportFailed(Exception):
    """One Chinese sentence: why nothing was saved."""


@dataclass(frozen=True, slots=True)
class Exported:
    path: Path
    sha256: str


def places(folders: Mapping[str, Path], media: Path = Path("/media")) -> dict[str, Path]:
    """Where it can be saved, by id: volumes mounted under `media` (at most two levels down, as udisks does it), then the folders that
    exist. Blocking."""
    found: dict[str, Path] = {}
    for volume in sorted(_mounted(media)):
        found[f"usb:{volume.relative_to(media)}"] = volume
    for name, folder in folders.items():
        if folder.is_dir():
            found[f"folder:{name}"] = folder
    return found


async def choices(folders: Mapping[str, Path], media: Path) -> tuple[tuple[str, str], ...]:
    """Ids and captions, for a page."""
    found = await asyncio.to_thread(places, folders, media)
    return tuple((place, caption(place)) for place in found)


def _mounted(media: Path) -> list[Path]:
    found: list[Path] = []
    for first in _directories(media):
        if first.is_mount():
            found.append(first)
        else:
            found += [second for second in _directories(first) if second.is_mount()]
    return found


def _directories(folder: Path) -> list[Path]:
    try:
        return [entry for entry in folder.iterdir() if entry.is_dir() and not entry.is_symlink()]
    except OSError:  # not there, or not for us to see
        return []


def caption(place: str) -> str:
    kind, _, name = place.partition(":")
    return f"U 盘 {name}" if kind == "usb" else name


def save(folder: Path, name: str, content: bytes) -> Exported:
    """Blocking. An earlier file of this name is not touched: a number is added. Raises ExportFailed."""
    try:
        path = _free(folder, name)
        part = path.with_name(f".{path.name}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.rename(part, path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        _sync(folder)
    except OSError as error:
        raise ExportFailed(f"没有保存：{_why(error)}。") from error
    return Exported(path, hashlib.sha256(content).hexdigest())


def _free(folder: Path, name: str) -> Path:
    stem, dot, ending = name.rpartition(".")
    for number in range(1, 1000):
        path = folder / (name if number == 1 else f"{stem}-{number}{dot}{ending}")
        if not path.exists() and not path.with_name(f".{path.name}.part").exists():
            return path
    raise FileExistsError(f"too many files of the name {name}")


def _sync(folder: Path) -> None:
    """The name is durable as well. Some file systems of sticks refuse it for directories: the file itself is written by then."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
            raise
    finally:
        os.close(handle)


def _why(error: OSError) -> str:
    return {
        errno.ENOSPC: "空间不够",
        errno.EROFS: "只读，不能写入",
        errno.EACCES: "没有写入权限",
        errno.EPERM: "没有写入权限",
        errno.ENOENT: "U 盘或文件夹不见了",
        errno.EIO: "写入出错，U 盘可能坏了",
    }.get(error.errno or 0, error.strerror or "写入出错")
