"""A link graph as a TOML file that a person reads, edits and gives back: slots and recipes, and no value of anybody's.

What the file says is what is done: a link taken out of it is not made, one put into it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

import tomli_w

from traces.links.model import Condition, Graph, Link, Poll, Recipe, Slot, Unfed

_VERSION: Final = 1
_HEAD: Final = """\
# Which answer's value each request is sent (OpenAPI calls it a link, load testers correlation), the best first.
#
# Take an entry out and its value is sent as it was recorded; put one in (without sightings) and it is bound. A slot is
# a method, a path template, and a place in the message as `replay inspect --links` shows it, list indices left open.
#
#   [[link]]    to = what a request carries, from = the answer's value it comes from; recipe = "copy", "upper",
#               "number", "cents", "sha256 hex" and the like, or "sum" with plus = the other numbers (a digest with plus
#               is that of both, with joint between them); items = how it is chosen from each list on the way: the field
#               that it is known by, "[n]" for its place, "[last]"; across = true when the answer was another session's.
#   [[poll]]    the request is repeated every pause_ms until its answer's value at `until` equals a text, or exists.
#   [[unfed]]   kind = "parameter" (the same in all sessions; --set name=...), "generated" (made anew for each copy), or
#               "minted" (issued by a third party).

"""
#: A file larger than this is none of ours.
_LARGEST: Final = 16 * 1024 * 1024

_T = TypeVar("_T")


class BadLinks(ValueError):
    """The file cannot be used; the text says where it is wrong and what is wanted."""


def write(graph: Graph, path: Path) -> None:
    """Write a graph; raises OSError as the disk does."""
    document = {
        "version": _VERSION,
        "link": [
            {
                "to": str(link.consumer),
                "from": str(link.producer),
                **({"plus": [str(slot) for slot in link.plus]} if link.plus else {}),
                **({"joint": link.joint} if link.joint else {}),
                "recipe": link.recipe,
                **({"items": list(link.items)} if any(link.items) else {}),
                **({"across": True} if link.across else {}),
                "sightings": link.sightings,
                "coverage": round(link.coverage, 4),
            }
            for link in graph.links
        ],
        "poll": [
            {
                "endpoint": poll.endpoint,
                "until": {
                    "keys": [str(key) if isinstance(key, str) else key for key in poll.condition.keys],
                    **({"equals": poll.condition.text} if poll.condition.test == "equals" else {}),
                },
                "pause_ms": poll.pause / 1e6,
                "longest_ms": poll.longest / 1e6,
                "sightings": poll.sightings,
            }
            for poll in graph.polls
        ],
        "unfed": [
            {"slot": str(unfed.slot), "kind": unfed.kind, "name": unfed.name, "sightings": unfed.sightings}
            for unfed in graph.unfed
        ],
    }
    path.write_text(_HEAD + tomli_w.dumps(document), encoding="utf-8")


def read(path: Path) -> Graph:
    """Read a graph. Raises BadLinks, and OSError as the disk does."""
    with path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise BadLinks(f"{path} is too large to be a list of links")
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadLinks(f"{path}: {error}") from None
    if document.get("version") != _VERSION:
        raise BadLinks(f"{path}: version = {_VERSION} is wanted, as `replay links` writes it")
    if unknown := sorted(document.keys() - {"version", "link", "poll", "unfed"}):
        raise BadLinks(f"{path}: there is no [[{unknown[0]}]]; link, poll and unfed are known")
    return Graph(
        links=_entries(path, document, "link", _link),
        polls=_entries(path, document, "poll", _poll),
        unfed=_entries(path, document, "unfed", _unfed),
    )


def _entries(
    path: Path, document: Mapping[str, Any], name: str, make: Callable[[Mapping[str, Any]], _T]
) -> tuple[_T, ...]:
    entries = document.get(name, [])
    if not isinstance(entries, list):
        raise BadLinks(f"{path}: {name} is written [[{name}]]")
    made = []
    for number, entry in enumerate(entries, 1):
        try:
            made.append(make(entry))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            why = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            raise BadLinks(f"{path}: [[{name}]] number {number}: {why}") from None
    return tuple(made)


def _slot(text: Any) -> Slot:
    method, _, rest = _text(text).partition(" ")
    path, _, place = rest.partition(" ")
    if not (method and path and place):
        raise ValueError(f"{text!r} is no slot; one is `POST /v1/orders body.$.id`")
    return Slot(f"{method} {path}", place)


def _link(entry: Mapping[str, Any]) -> Link:
    recipe = entry.get("recipe", "copy")
    if recipe not in get_args(Recipe):
        raise ValueError(f"recipe {recipe!r} is none of {', '.join(get_args(Recipe))}")
    plus = entry.get("plus", [])
    if recipe == "sum" and not plus:
        raise ValueError("a sum has a plus, the slots of its other numbers")
    if plus and recipe != "sum" and (" " not in recipe or len(plus) > 1):
        raise ValueError("only a sum, or the digest of two values, has a plus")
    return Link(
        consumer=_slot(entry["to"]),
        producer=_slot(entry["from"]),
        plus=tuple(map(_slot, _texts(plus))),
        joint=_text(entry.get("joint", "")),
        items=tuple(_texts(entry.get("items", []))),
        recipe=recipe,
        across=bool(entry.get("across", False)),
        sightings=int(entry.get("sightings", 0)),
        # Without a count it is a person's word, which is always so.
        coverage=float(entry.get("coverage", 1.0)),
    )


def _poll(entry: Mapping[str, Any]) -> Poll:
    until = entry["until"]
    equals = until.get("equals")
    return Poll(
        endpoint=_text(entry["endpoint"]),
        condition=Condition(
            keys=tuple(_keys(until["keys"])), test="exists" if equals is None else "equals", text=_text(equals or "")
        ),
        pause=_ns(entry["pause_ms"]),
        longest=_ns(entry.get("longest_ms", 0)),
        sightings=int(entry.get("sightings", 0)),
    )


def _unfed(entry: Mapping[str, Any]) -> Unfed:
    kind = entry["kind"]
    if kind not in {"parameter", "generated", "minted"}:
        raise ValueError(f"kind {kind!r} is none of parameter, generated, minted")
    return Unfed(
        slot=_slot(entry["slot"]), kind=kind, name=_text(entry["name"]), sightings=int(entry.get("sightings", 0))
    )


def _keys(keys: Sequence[Any]) -> Sequence[str | int]:
    if not isinstance(keys, list) or not all(type(key) in {str, int} for key in keys):
        raise ValueError("keys is a list of names and list indices")
    return keys


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} should be a list of texts")
    return list(map(_text, value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} should be a text")
    return value


def _ns(milliseconds: Any) -> int:
    number = float(milliseconds)
    if not 0 <= number < 1e12:
        raise ValueError(f"{milliseconds!r} is no time in ms")
    return int(number * 1e6)
