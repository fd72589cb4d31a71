"""Who calls itself the same on one connection: somebody signs up, and then logs in.

The answer to a sign-up gives nothing that the login would carry, so no value that flows ties the two. What a person
typed in both does, where one connection carried both at one time: a pool's journeys have people of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from traces.facts import Facts
from traces.groups import Groups
from traces.shapes import words

#: What people are called by, as the last word of a field's name.
_CALLED: Final = frozenset("email mail username login user identifier".split())


def join_callers(facts: Facts, groups: Groups) -> None:
    """Join the journeys that went on at the same time on one connection under one name."""
    last: dict[int, int] = {}
    for index in range(len(facts)):
        last[groups.root(index)] = index
    for members in _by_name(facts):
        # A root is its group's first exchange, and exchanges are numbered by arrival.
        into, *others = sorted({groups.root(index) for index in members})
        for root in others:
            if root > last[into]:
                into = root
                continue
            groups.join(into, root, "connection")
            last[into] = max(last[into], last[root])


def _by_name(facts: Facts) -> Iterator[list[int]]:
    """Yield the exchanges of one connection that carry one name."""
    slots = {number for number, path in enumerate(facts.slots) if _calls(path)}
    members: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for index, connection in enumerate(facts.connections if slots else ()):
        if connection:
            for row in facts.asked.of(index):
                if row.slot in slots:
                    members[connection, row.value].append(index)
    yield from members.values()


def _calls(path: str) -> bool:
    """Is it what somebody is called that stands at this slot?"""
    name = words(path.rpartition(".")[2]) if path.startswith(("body.", "form.", "query.")) else ()
    return bool(name) and (name[-1] in _CALLED or name[-2:] == ("user", "name"))
