"""Reads an evidence package: a folder, or a ZIP of stored (uncompressed) files. Constant memory, no trust in names.

A changed byte inside a ZIP member must be *named*, so members are read past the ZIP's own checksum, which would only refuse.
"""

import os
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

MANIFEST = "manifest.json"
SEAL = "signature.json"
STAMP = "timestamp.tsr"
KEYS = "keys/keys.json"
TSA_ROOTS = "keys/tsa-roots.pem"
ANNEX = "annex/"
VIEWER = "index.html"
CHUNK = 1 << 20
_LOCAL = struct.Struct("<4s5H3I2H")


class PackageError(Exception):
    """The package, or a file of it, cannot be read at all."""


class PackageReader(Protocol):
    """A package's files by `/`-separated relative path."""

    def names(self) -> list[str]:
        """All files, sorted."""
        ...

    def size(self, name: str) -> int:
        """Bytes of a file. Raises `KeyError` when it does not exist."""
        ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """A file's bytes from the start. Raises `KeyError`, `PackageError`."""
        ...


class FolderPackage:
    """A package as a folder. Symbolic links are not followed out of it: they are refused."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise PackageError(f"no folder {root}")
        self._root = root
        self._files = {}
        for folder, _, files in os.walk(root):
            for file in files:
                path = Path(folder) / file
                if path.is_symlink() or not path.is_file():
                    raise PackageError(f"not a plain file: {path.relative_to(root)}")
                self._files[path.relative_to(root).as_posix()] = path

    def names(self) -> list[str]:
        """All files, sorted."""
        return sorted(self._files)

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return self._files[name].stat().st_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """A file's bytes."""
        with self._files[name].open("rb", buffering=0) as file:
            while chunk := file.read(CHUNK):
                yield chunk


class ZipPackage:
    """A package as a ZIP whose members are stored, as the service writes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with zipfile.ZipFile(path) as archive:
                infos = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise PackageError(f"not a readable ZIP: {error}") from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            if info.is_dir():
                continue
            if info.filename in self._members or not is_safe(info.filename):
                raise PackageError(f"unsafe or repeated name in the ZIP: {info.filename!r}")
            if info.header_offset < 0:
                raise PackageError(f"{info.filename}: broken ZIP directory")
            if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 0x1 or info.compress_size != info.file_size:
                raise PackageError(f"{info.filename}: members must be stored uncompressed")
            self._members[info.filename] = info

    def names(self) -> list[str]:
        """All files, sorted."""
        return sorted(self._members)

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return self._members[name].file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """A file's bytes, without the ZIP's checksum in the way."""
        info = self._members[name]
        with self._path.open("rb") as file:
            file.seek(info.header_offset)
            head = file.read(_LOCAL.size)
            if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
                raise PackageError(f"{name}: broken ZIP header")
            _, _, flags, method, *_, name_size, extra_size = _LOCAL.unpack(head)
            if file.read(name_size).decode("utf-8", "replace") != name:
                raise PackageError(f"{name}: ZIP headers disagree on the name")
            if method != zipfile.ZIP_STORED or flags & 0x1:
                raise PackageError(f"{name}: ZIP headers disagree on how it is stored")
            file.seek(extra_size, os.SEEK_CUR)
            left = info.file_size
            while left:
                chunk = file.read(min(CHUNK, left))
                if not chunk:
                    raise PackageError(f"{name}: the ZIP ends early")
                left -= len(chunk)
                yield chunk


def open_package(path: Path) -> PackageReader:
    """Open a folder or a ZIP. Raises `PackageError`."""
    return FolderPackage(path) if path.is_dir() else ZipPackage(path)


def is_safe(name: str) -> bool:
    """Whether a package path is relative, plain and printable, and names no other place on any system (a backslash, a colon)."""
    path = PurePosixPath(name)
    is_plain = bool(name) and name == path.as_posix() and name.isprintable() and not set(name) & {"\\", ":"}
    return is_plain and not path.is_absolute() and ".." not in path.parts


def read_all(package: PackageReader, name: str, limit: int) -> bytes:
    """Read a small file whole. Raises `KeyError`, `PackageError` when it is larger than `limit` bytes."""
    if package.size(name) > limit:
        raise PackageError(f"{name} is larger than {limit} bytes")
    return b"".join(package.chunks(name))
