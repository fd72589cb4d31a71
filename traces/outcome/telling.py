"""What a document tells of its outcome: the few words, flags and faults in it that say whether it went well.

Rule 1: nothing inside a list counts. An order of last year may have failed; the request that lists it has not.
Rule 2: a failure that the recorded answer did not have differs, and so does one that is gone. Another word differs
when the recording never had it at this endpoint, unless it is only a matter of when the question was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from traces.outcome import vocabulary
from traces.outcome.bounds import MAX_DEPTH, MAX_NAMED, MAX_NODES, clipped
from traces.outcome.vocabulary import FAULT, FLAG, TOP

#: A `state` beside one of these is a part of a country.
_ADDRESS: Final = frozenset("city zip zipcode zip_code postcode postal_code postalCode country line1 street".split())
#: A `code` beside one of these says how it went; alone it may be anything's.
_MESSAGES: Final = frozenset({"message", "msg"})
_GRAPHQL: Final = frozenset({"data", "errors", "extensions"})
#: Where an error says which one it is, best first.
_CODES: Final = ("code", "errorCode", "error_code", "__typename", "type", "error")
#: What a server that does not know a query by its hash answers (Apollo's automatic persisted queries): as a code, and
#: as a message. Clients send the query then; whether one has to is up to who asked for it before.
_UNKNOWN_QUERY: Final = "PERSISTED_QUERY_NOT_FOUND"
_UNKNOWN_QUERY_SAID: Final = "PersistedQueryNotFound"
#: Answers to a batch of GraphQL queries that are looked at.
_BATCH: Final = 16
#: Places and words kept of one endpoint; more words than this are no vocabulary.
_PLACES: Final = 64
_WORDS: Final = 12
_FEW: Final = 4


class Mark(NamedTuple):
    """One thing that a document tells.

    path:    where: `$.order.state`.
    word:    what, or "" for what is no word: an error's sentence, a list of errors without a code.
    fails:   it means failure.
    graphql: it is the errors of a GraphQL answer.
    """

    path: str
    word: str
    fails: bool
    graphql: bool = False


def is_graphql(document: Any) -> bool:
    """Is it an answer to a GraphQL query (GraphQL over HTTP, 6)?"""
    return (
        type(document) is dict
        and ("data" in document or "errors" in document)
        and len(document) <= len(_GRAPHQL)
        and document.keys() <= _GRAPHQL
    )


def is_unknown_query(marks: Sequence[Mark]) -> bool:
    """Does an answer tell nothing but that the server wants to be sent the query whole?"""
    return len(marks) == 1 and marks[0].graphql and marks[0].word == _UNKNOWN_QUERY


def told(document: Any, root: str = "$") -> tuple[Mark, ...]:
    """Everything a document tells, from the top down; of one too large only what stands first."""
    marks: list[Mark] = []
    if type(document) is dict:
        _walk(document, root, marks)
    elif type(document) is list:
        for n, item in enumerate(document[:_BATCH]):
            if is_graphql(item):
                _walk(item, f"{root}[{n}]", marks)
    return tuple(marks)


def _walk(document: dict[str, Any], root: str, marks: list[Mark]) -> None:
    left, roles = MAX_NODES, vocabulary.ROLES
    todo = [(document, root, 0)]
    for value, path, depth in todo:
        for key, below in value.items() if len(value) <= left else islice(value.items(), left):
            try:
                role = roles[key]
            except KeyError:
                role = vocabulary.role(key)
            if role:
                # A type that is an item's is a value like others, and a fault is one thing however much it says.
                if (role != TOP or not depth) and (mark := _mark(role, f"{path}.{key}", key, below, value)):
                    marks.append(mark)
                if role == FAULT:
                    continue
            # A key that long is data, and would stand in every path below it.
            if type(below) is dict and depth < MAX_DEPTH and len(key) <= MAX_NAMED:
                todo.append((below, f"{path}.{key}", depth + 1))
        left -= len(value)
        if left <= 0:
            return


def _mark(role: int, path: str, key: str, value: Any, around: dict[str, Any]) -> Mark | None:
    if role == FAULT:
        if not vocabulary.is_fault(value):
            return None
        return Mark(path, _code(value), fails=True, graphql=key == "errors" and is_graphql(around))
    if role == FLAG:
        word = vocabulary.flag(value)
        return Mark(path, word, fails=word == "false") if word else None
    if (key == "state" and not _ADDRESS.isdisjoint(around)) or (key == "code" and _MESSAGES.isdisjoint(around)):
        return None
    word = vocabulary.word(value, numbered=vocabulary.is_numbered(key))
    return Mark(path, word, fails=vocabulary.is_failure(word)) if word else None


def _code(value: Any) -> str:
    """Which error it is, where it says so in a word: `card_declined`, `INSUFFICIENT_STOCK`."""
    if type(value) is list:
        value = value[0]
    if type(value) is not dict:
        return vocabulary.code(value)
    inner = value.get("extensions")
    for holder in (inner, value) if type(inner) is dict else (value,):
        for name in _CODES:
            if code := vocabulary.code(holder.get(name)):
                return code
    return _UNKNOWN_QUERY if value.get("message") == _UNKNOWN_QUERY_SAID else ""


class Words:
    """The words that the recorded answers of one endpoint had at each place, and how often."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, int]] = {}

    def add(self, marks: Iterable[Mark]) -> None:
        """Take in what one more recorded answer tells."""
        for mark in marks:
            if mark.path not in self._seen and len(self._seen) >= _PLACES:
                continue
            words = self._seen.setdefault(mark.path, {})
            if mark.word in words or len(words) <= _WORDS:
                words[mark.word] = words.get(mark.word, 0) + 1

    def allow(self, path: str, word: str) -> bool:
        """Was this word seen there, or does any word stand there?"""
        words = self._seen.get(path, {})
        return word in words or len(words) > _WORDS or (len(words) >= _FEW and sum(words.values()) < 2 * len(words))


def differs(recorded: Sequence[Mark], live: Sequence[Mark], words: Words | None, *, timed: bool) -> str | None:
    """How a live answer tells another outcome than the recorded one, or None.

    words: of the recorded answers that turned out as this one, where they are known.
    timed: the request only asks, so that what it is told depends on when.
    """
    if recorded == live:
        return None
    before = {mark.path: mark for mark in recorded}
    for mark in live:
        was = before.pop(mark.path, None)
        if was is None:
            if mark.fails:
                return _sentence(mark, None)
        elif mark.fails != was.fails or (mark.word != was.word and not _alike(was, mark, words, timed=timed)):
            return _sentence(mark, was)
    gone = next((mark for mark in before.values() if mark.fails), None)
    return None if gone is None else f"no failure at {clipped(gone.path)}, recorded {gone.word or 'one'}"


def _alike(was: Mark, now: Mark, words: Words | None, *, timed: bool) -> bool:
    """May these two words stand for the same outcome?"""
    if was.fails:
        return not (was.word and now.word)
    if words is not None and words.allow(now.path, now.word):
        return True
    return timed and vocabulary.is_under_way(was.word) and vocabulary.is_under_way(now.word)


def _sentence(now: Mark, was: Mark | None) -> str:
    before = "none" if was is None else was.word or "another"
    key = now.path.rpartition(".")[2]
    if now.graphql:
        code = f": {now.word}" if now.word else ""
        return f"errors in a GraphQL answer that had none{code}" if was is None else f"errors{code}, recorded {before}"
    if key == "__typename":
        return f"__typename {now.word}, recorded {before}"
    if vocabulary.role(key) == FAULT and now.word:
        return f"{key} {now.word}, recorded {before}"
    return f"{clipped(now.path)} is {now.word or 'there'}, recorded {before}"
