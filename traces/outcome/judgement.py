"""What a recorded answer is made of, and whether a live one is made alike.

Rule 1: values are ignored. What counts is the status, the kind of body, the words that tell success from failure,
where a redirect leads, which forms a page has, and the types of a document's values.
Rule 2: what cannot be read, was not kept or is too large is taken as alike: only what was seen to differ differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from traces.model import Event, header_value
from traces.outcome import body, location, needs, page, telling, vocabulary
from traces.outcome.body import Answered, Body
from traces.outcome.bounds import MAX_NAMED
from traces.outcome.needs import Need
from traces.outcome.telling import Mark
from traces.outcome.tree import Tree
from traces.outcome.usual import Outcome

_NOT_MODIFIED: Final = 304
#: Kinds that are told apart. Of others, an image may come in another format, and a script under another name.
_KINDS: Final = frozenset({body.NO_BODY, body.JSON, body.BROKEN_JSON, body.HTML, body.STREAM})
_LAST_EVENT: Final = "the last event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """What an answer is made of: small, and equal for all answers that are made alike.

    status: as it was; 0 when none came, which every live answer is like.
    kind:   of its body, as `body` names it.
    marks:  what it tells of its outcome; of a redirect, what its query does.
    leads:  where it redirects to, "" when it does not.
    usual:  the endpoint's other answers of this outcome; it goes on learning as long as the learner does.
    tree:   those of them that have a document of this make.
    timed:  its request only asks, so that what it is told depends on when.
    needs:  where values stand that later requests carry.
    """

    status: int = 0
    kind: str = body.UNKNOWN
    marks: tuple[Mark, ...] = ()
    leads: str = ""
    usual: Outcome | None = None
    tree: Tree | None = None
    timed: bool = False
    needs: tuple[Need, ...] = ()


def differs(recorded: Make, live: Answered, events: Sequence[Event] = ()) -> str | None:
    """How a live answer turned out otherwise than the recorded one, in a few words; None when it did not.

    events: of a live stream that came piece by piece.

    Never raises. The words name places and words of the API and nothing that is different every time, so that answers
    can be counted by them.
    """
    if not recorded.status:
        return None
    if outcome_of(recorded.status) != outcome_of(live.status):
        leads = f" to {_leads(live)}" if is_redirect(live.status) else ""
        return f"status {live.status}{leads}, recorded {recorded.status}"
    if is_redirect(live.status):
        return _redirected(recorded, live)
    if _NOT_MODIFIED in {recorded.status, live.status}:
        return None
    return _answered(recorded, body.read(live, events))


def is_redirect(status: int) -> bool:
    """Does it send the client elsewhere? 304 does not."""
    return 300 <= status < 400 and status != _NOT_MODIFIED


def outcome_of(status: int) -> int:
    """Equal for statuses that mean the same: an error only to itself, 200, 201, 204 and 304 to one another."""
    if status == _NOT_MODIFIED or 200 <= status < 300:
        return 200
    return 300 if is_redirect(status) else status


def marks_of(read: Body) -> tuple[Mark, ...]:
    """What a body tells of its outcome."""
    if read.kind == body.STREAM and read.event:
        name = Mark(_LAST_EVENT, read.event[:MAX_NAMED], fails=vocabulary.is_failure(read.event[:MAX_NAMED]))
        return (name, *telling.told(read.document))
    return telling.told(read.document) if read.kind == body.JSON else ()


def has_shape(read: Body) -> bool:
    """Is there a document whose types can be compared?"""
    return read.kind == body.JSON or (read.kind == body.STREAM and read.document is not None)


def _redirected(recorded: Make, live: Answered) -> str | None:
    target = header_value(live.headers, b"location")
    if target is None or not recorded.leads:
        return f"redirected nowhere, recorded {recorded.leads}" if recorded.leads else None
    if not location.leads_alike(recorded.leads, location.place(target, own=())):
        return f"redirected to {_leads(live)}, recorded {recorded.leads}"
    return _told(recorded, location.marks(target))


def _leads(live: Answered) -> str:
    target = header_value(live.headers, b"location")
    return "nowhere" if target is None else location.place(target)


def _answered(recorded: Make, read: Body) -> str | None:
    kinds = {recorded.kind, read.kind}
    if body.UNKNOWN in kinds or read.document is body.TOO_LARGE:
        return None
    usual = recorded.usual
    if read.kind != recorded.kind and not (usual and read.kind in usual.kinds):
        # Where nothing was recorded, a document is fine as long as it tells of no failure.
        if kinds == {body.NO_BODY, body.JSON} and read.kind == body.JSON:
            return _told(recorded, marks_of(read))
        return f"{read.kind}, recorded {recorded.kind}" if kinds & _KINDS else None
    if read.kind == body.STREAM and not read.event and recorded.marks:
        return f"a stream without an event, recorded {recorded.marks[0].word}"
    return _told(recorded, marks_of(read)) or _shaped(recorded, read)


def _told(recorded: Make, marks: Sequence[Mark]) -> str | None:
    words = None if recorded.usual is None else recorded.usual.words
    return telling.differs(recorded.marks, marks, words, timed=recorded.timed)


def _shaped(recorded: Make, read: Body) -> str | None:
    usual = recorded.usual
    if read.kind == body.HTML:
        live = page.scan(read.document)
        why = None if usual is None else usual.pages.differs(live)
        return why or needs.formless(recorded.needs, live.names)
    if not has_shape(read):
        return None
    why = None if usual is None else usual.differs(recorded.tree, read.document)
    return why or needs.unmet(recorded.needs, read.document)
