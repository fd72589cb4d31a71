"""The links of a trace for a person: each consumer once, and what every endpoint carries alike once for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from traces.report.safe import printable

#: What goes with every request alike: a token, a cookie, a header.
_ALIKE: Final = ("auth.", "cookie.", "header.")
#: From so many endpoints on they are counted; so many are named.
_SEVERAL: Final = 3
_NAMED: Final = 2


def links_lines(links: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Each consumer, then what it is fed, the best first.

    links: as `replay inspect --links --json` has them.
    """
    by_consumer: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    endpoints: defaultdict[str, list[str]] = defaultdict(list)
    for link in links:
        if link["consumer"] not in by_consumer:
            endpoint, path = _parts(link["consumer"])
            endpoints[path].append(endpoint)
        by_consumer[link["consumer"]].append(link)
    told: set[str] = set()
    for consumer, own in by_consumer.items():
        path = _parts(consumer)[1]
        if not path.startswith(_ALIKE) or len(endpoints[path]) < _SEVERAL:
            yield printable(consumer)
            for link in own:
                yield f"    <- {_from(link)} ({link['sightings']} sightings, {link['coverage']:.0%})"
        elif path not in told:
            told.add(path)
            everywhere = endpoints[path]
            named = ", ".join(map(printable, everywhere[:_NAMED]))
            yield f"{printable(path)} of {named} and {len(everywhere) - _NAMED} more"
            yield from _together([link for endpoint in everywhere for link in by_consumer[f"{endpoint} {path}"]])


def _together(links: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What feeds a slot of several endpoints, the most frequent first."""
    sightings: defaultdict[str, int] = defaultdict(int)
    times: defaultdict[str, int] = defaultdict(int)
    for link in links:
        sightings[_from(link)] += link["sightings"]
        times[_from(link)] += 1
    for source in sorted(sightings, key=lambda source: -sightings[source]):
        yield f"    <- {source} ({sightings[source]} sightings, at {times[source]} of them)"


def _parts(slot: str) -> tuple[str, str]:
    """`POST /orders body.$.id` -> (`POST /orders`, `body.$.id`)."""
    method, path, place = slot.split(" ", 2)
    return f"{method} {path}", place


def _from(link: dict[str, Any]) -> str:
    """A producer, and what stands between it and its consumer where it is more than a copy in one session."""
    plus = "".join(f" + {printable(slot)}" for slot in link["plus"])
    recipe = f", {link['recipe']}" if link["recipe"] not in {"copy", "sum"} else ""
    return f"{printable(link['producer'])}{plus}{recipe}" + (", of another session" if link["across"] else "")
