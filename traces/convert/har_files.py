"""A HAR and the files that belong to it: in its folder, or with it in a zip (`x.har.zip`).

Rule 1: a name in a HAR leads to a plain file in its folder or below it, and nowhere else; links are followed to see.
Rule 2: nothing is unpacked further than it says it goes.
Rule 3: what is wrong raises ValueError with a text that goes on where the name of the HAR, or of the file, stops.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

#: Bytes of a zip's directory: a hundred thousand files as Playwright names them. It is read at once and takes ten times
#: as much memory.
MAX_DIRECTORY: Final = 10 * 1024 * 1024
#: Those that unpack only as far as is asked for: bzip2 and lzma make a hundred MB of the first four KiB.
_METHODS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
#: What `zipfile` raises for a zip that is not as it should be.
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OSError)
_CHUNK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Held:
    """A file that is there to be read.

    size: bytes; no more than so many are ever read.
    """

    size: int
    open: Callable[[], IO[bytes]]

    def read(self) -> bytes:
        """All of it. Raises ValueError when it cannot be read or unpacked."""
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        """All of it, piece by piece. Raises ValueError when it cannot be read or unpacked."""
        left = self.size
        try:
            with self.open() as file:
                while left > 0 and (chunk := file.read(min(left, _CHUNK))):
                    left -= len(chunk)
                    yield chunk
            if left:
                raise EOFError(f"{left} bytes of it are missing")
        except _DAMAGED as error:
            raise ValueError(f"cannot be read ({_why(error)})") from None


class Files(Protocol):
    """Where a HAR is, and what lies beside it."""

    def har(self) -> Held:
        """The HAR itself. Raises ValueError when it cannot be read."""

    def beside(self, name: str) -> Held:
        """The file of that name. Raises ValueError when there is none, or none that may be read."""


@contextmanager
def files_of(path: Path) -> Iterator[Files]:
    """The files of the HAR at `path`, or of the one HAR in the zip there.

    Raises OSError when nothing can be opened there, ValueError for a zip that is damaged or holds not just one HAR.
    """
    with path.open("rb") as file:
        packed = file.read(2) == b"PK"
    if not packed:
        yield _Folder(path)
        return
    with _Archive(io.FileIO(path)) as file:
        try:
            archive = zipfile.ZipFile(file)
        except _DAMAGED as error:
            raise ValueError(f"is a zip archive that cannot be read ({_why(error)}): zip it anew") from None
        with archive:
            yield _Packed(archive)


class _Archive(io.BufferedReader):
    """A zip as `zipfile` reads it. The only long read is that of the directory, which claims its own length."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_DIRECTORY:
            raise zipfile.BadZipFile("its list of files is too long")
        return super().read(size)


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = path.parent.resolve()

    def har(self) -> Held:
        return Held(self._path.stat().st_size, lambda: self._path.open("rb"))

    def beside(self, name: str) -> Held:
        _check(name)
        try:
            path = (self._folder / name).resolve(strict=True)
            if path.is_relative_to(self._folder) and path.is_file():
                return Held(path.stat().st_size, lambda: path.open("rb"))
        # Of a circle of links, Python up to 3.12 says RuntimeError.
        except (OSError, RuntimeError) as error:
            raise ValueError(
                f"cannot be found beside the HAR ({_why(error)}): put it there, or record with content: 'embed'"
            ) from None
        raise ValueError("is no plain file in the HAR's folder: put it there itself")


class _Packed:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        names = [name for name in archive.namelist() if name.lower().endswith(".har") and not _of_macos(name)]
        if not names:
            raise ValueError("is a zip archive without a HAR (*.har) in it: name the HAR, or zip it with its files")
        # What Playwright calls it; another beside it is then a body.
        self._name = "har.har" if "har.har" in names else names[0]
        if len(names) > 1 and self._name != "har.har":
            raise ValueError(f"is a zip archive with {len(names)} HARs in it: unpack it and name one of them")

    def har(self) -> Held:
        return self._held(self._name)

    def beside(self, name: str) -> Held:
        _check(name)
        folder, slash, _ = self._name.rpartition("/")
        try:
            return self._held(f"{folder}{slash}{name}")
        except KeyError:
            raise ValueError("is not beside the HAR in the zip: zip it with it, or record anew") from None

    def _held(self, name: str) -> Held:
        info = self._archive.getinfo(name)
        if info.flag_bits & 1:
            raise ValueError("is encrypted: unpack the archive first")
        if info.compress_type not in _METHODS:
            raise ValueError("is packed in a rare way: unpack the archive first")
        return Held(info.file_size, lambda: self._archive.open(info))


def _of_macos(name: str) -> bool:
    """Whether it is one of the shadows that the Finder zips along with files."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")


def _check(name: str) -> None:
    """Raise ValueError unless `name` is a path that goes down, in whatever system's way of writing."""
    parts = name.replace("\\", "/").split("/")
    if not name.isprintable() or ":" in name or not {"", ".", ".."}.isdisjoint(parts):
        raise ValueError("leads out of the HAR's folder: such a file is not read")


def _why(error: Exception) -> str:
    """An error's text: without our paths, which the system puts in it, and not as long as a name in a zip may be."""
    return ((isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__)[:120]
