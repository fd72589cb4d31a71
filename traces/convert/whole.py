"""A file that appears whole or not at all: what the writers of foreign formats write into."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write in; it gets the name `path` when the block ends well, and is gone when it does not.

    Until then `path` is as it was: absent, or its former content. Raises OSError as the file system does.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        # "x": in a folder that others may write to, no link laid there beforehand is followed.
        with part.open("xb") as file:
            yield file
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
