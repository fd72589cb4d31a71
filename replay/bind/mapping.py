"""A catalogue's ids as they were recorded, and what the same things are called on the target (`--map FILE`).

A map goes by value, so an id is looked for wherever one may stand. A value that is short, or a small number, is equal
to others by chance (one of something is not product 1): it counts only where its parameter is named.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from traces.endpoints import Templates
from traces.lens import Leaf
from traces.links import Slot
from traces.links.kinds import parameter_name
from traces.shapes import url_path

#: More than this is a database, not a list of a catalogue's ids.
_ROWS: Final = 1_000_000
_BYTES: Final = 64 * 1024 * 1024
_SHORTEST: Final = 4
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_SMALL: Final = 10_000
_JSON_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_BREAK: Final = re.compile(r"[\r\n\0]")
_COLUMNS: Final = (["recorded", "target"], ["name", "recorded", "target"])


class BadMapping(ValueError):
    """The file cannot be used; the text says where it is wrong and what it should look like."""


class IdMap:
    """Recorded values and the target's, perhaps for parameters of one name only.

    used: the rows that a request was changed by, as (name or "", recorded); fed: those met where an answer gives the
          value, which is the target's own already.
    """

    def __init__(self) -> None:
        self.used: set[tuple[str, str]] = set()
        self.fed: set[tuple[str, str]] = set()
        self._targets: dict[str, dict[str, str]] = {"": {}}
        self._recorded: set[str] = set()

    def __len__(self) -> int:
        return sum(map(len, self._targets.values()))

    def add(self, name: str, recorded: str, target: str) -> None:
        """One more row; `name` "" for parameters of any name. Raises BadMapping for one that cannot be."""
        if not recorded or not target:
            raise BadMapping("a recorded value and the target's are wanted")
        if _BREAK.search(recorded + target) or not _is_text(recorded + target):
            raise BadMapping("a value has a line break or half a character in it")
        if not name and is_common(recorded):
            raise BadMapping(
                f"{_short(recorded)} is too short to be told from a quantity or a page; name its parameter, as "
                "in product_id,17,42"
            )
        known = self._targets.setdefault(name.replace("-", "_"), {}).setdefault(recorded, target)
        if known != target:
            raise BadMapping(f"{_short(recorded)} becomes {_short(target)} here and {_short(known)} before; keep one")
        self._recorded.add(recorded)

    def row(self, leaf: Leaf, names: Iterable[str]) -> tuple[str, str] | None:
        """The row that applies to a leaf at a place of these names; of several that for the first."""
        text = leaf.text
        if text not in self._recorded or (leaf.number and _JSON_NUMBER.fullmatch(text) is None):
            return None
        for name in (*names, ""):
            if text in self._targets.get(name, ()):
                return name, text
        return None

    def target(self, row: tuple[str, str], leaf: Leaf) -> str:
        """What to write at a leaf for a row."""
        target = self._targets[row[0]][row[1]]
        # Where a number stood, a word needs the quotes that words have there.
        return target if not leaf.number or _JSON_NUMBER.fullmatch(target) else json.dumps(target)

    def said(self) -> str:
        """How many rows were of use, for people."""
        fed = len(self.fed - self.used)
        more = f"; {fed:,} more only where answers give the target's own values" if fed else ""
        return f"{len(self.used):,} of its {len(self):,} rows stand in the recording's requests{more}"


def is_common(text: str) -> bool:
    """Is it equal to other values by chance too often to be looked for everywhere?"""
    return len(text) < _SHORTEST or (_NUMBER.fullmatch(text) is not None and abs(float(text)) < _SMALL)


def read_mapping(path: Path) -> IdMap:
    """A map out of a file: JSON by its ending, else CSV.

    CSV:  recorded,target or name,recorded,target in each line; a first line may name the columns.
    JSON: {"recorded": "target", "name": {"recorded": "target"}}.

    Raises BadMapping, and OSError as the disk does.
    """
    with path.open("rb") as file:
        data = file.read(_BYTES + 1)
    if len(data) > _BYTES:
        raise BadMapping(f"{path} is larger than {_BYTES >> 20} MB; keep the ids of what was recorded")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadMapping(f"{path} is no text in UTF-8 ({error.reason} at byte {error.start})") from None
    mapping = IdMap()
    rows = _json(path, text) if path.suffix.lower() == ".json" else _csv(path, text)
    for number, (place, name, recorded, target) in enumerate(rows):
        if number >= _ROWS:
            raise BadMapping(f"{path} has more than {_ROWS:,} rows; keep the ids of what was recorded")
        try:
            mapping.add(name.strip(), recorded.strip(), target.strip())
        except BadMapping as error:
            raise BadMapping(f"{path}{place}: {error}") from None
    if not len(mapping):
        raise BadMapping(f"{path} maps nothing; each line is recorded,target")
    return mapping


_Row = tuple[str, str, str, str]


def _csv(path: Path, text: str) -> Iterator[_Row]:
    columns: list[str] = []
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    try:
        for cells in reader:
            named = [cell.strip().lower() for cell in cells]
            if not any(named):
                continue
            if not columns and sorted(named) in _COLUMNS:
                columns = named
                continue
            own = columns or _COLUMNS[1][-len(cells) :]
            if len(cells) != len(own) or len(cells) < 2:
                wanted = ",".join(columns) or "recorded,target or name,recorded,target"
                raise BadMapping(f"{path}, line {reader.line_num}: {wanted} is wanted, and {len(cells)} stand there")
            row = dict(zip(own, cells, strict=True))
            yield f", line {reader.line_num}", row.get("name", ""), row["recorded"], row["target"]
    except csv.Error as error:
        raise BadMapping(f"{path} is not a CSV file ({error})") from None


def _json(path: Path, text: str) -> Iterator[_Row]:
    try:
        # Pairs, for an object may say one key twice; numbers as they are written, for they are names here.
        document = json.loads(text, object_pairs_hook=_Pairs, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise BadMapping(f"{path} is not a JSON file ({error})") from None
    for key, value in _pairs(path, document):
        if isinstance(value, _Pairs):
            for recorded, target in value:
                yield "", key, recorded, _text(path, target)
        else:
            yield "", "", key, _text(path, value)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object, with every key it has."""


def _pairs(path: Path, document: Any) -> _Pairs:
    if not isinstance(document, _Pairs):
        raise BadMapping(f'{path}: an object is wanted, {{"recorded": "target"}}')
    return document


def _text(path: Path, value: Any) -> str:
    if not isinstance(value, str):
        raise BadMapping(f'{path}: a value is a text or a number, in {{"recorded": "target"}} as by name')
    return value


def names_of(leaf: Leaf, endpoint: str, templates: Templates) -> Iterator[str]:
    """What `--set` and a map call the place a leaf stands in, from the inside out."""
    while True:
        slot = Slot(endpoint, leaf.slot)
        if leaf.codec == "url" and ".path[" in leaf.path and leaf.outer is not None:
            # A segment is called as it would be in a request for that URL.
            slot = _of_url(leaf, leaf.outer.text, templates) or slot
        yield parameter_name(slot)
        if leaf.outer is None:
            return
        leaf = leaf.outer


def _of_url(leaf: Leaf, url: str, templates: Templates) -> Slot | None:
    path = url_path(url)
    if path is None:
        return None
    return Slot(templates.of(b"GET", path.encode("utf-8", "surrogateescape")), leaf.path.rpartition("|url.")[2])


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
