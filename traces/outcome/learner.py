"""Learns what is usual from a recording's answers, each read once and forgotten.

Memory is bounded by what is counted here, not by the recording: places of documents, and a few words an endpoint.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from traces.model import Event, header_value
from traces.outcome import body, location, page, telling
from traces.outcome.body import Answered
from traces.outcome.judgement import Make, has_shape, is_redirect, marks_of, outcome_of
from traces.outcome.needs import Need
from traces.outcome.telling import Mark
from traces.outcome.tree import Room
from traces.outcome.usual import Outcome, Usual

#: Places of all documents together; one takes some 300 bytes.
_PLACES: Final = 200_000
#: Where paths are not understood every request has an endpoint of its own; those beyond are judged by what they tell.
_ENDPOINTS: Final = 10_000
#: Makes of which equal ones are made the same.
_MAKES: Final = 50_000


class Learner:
    """Gives the make of each recorded answer, and learns from it.

    own: host[:port] of the recorded service, as its clients named it: a redirect that names one of them stays there.

    A make given early knows what was learned later: judge once the whole recording has been read.
    """

    def __init__(self, own: Collection[bytes] = ()) -> None:
        self._own = frozenset(host.decode("latin-1").lower() for host in own)
        self._room = Room(_PLACES)
        self._usual: dict[str, Usual] = {}
        self._makes: dict[Make, Make] = {}

    def make(
        self,
        endpoint: str,
        answer: Answered | None,
        events: Sequence[Event] = (),
        needs: Collection[Need] = (),
        *,
        reads: bool = False,
    ) -> Make:
        """The make of one more answer. Equal ones are the same object.

        endpoint: "POST /v1/checkouts/{id}/confirm"; a request that only asks begins with GET or HEAD.
        answer:   None when none came.
        events:   of a stream that was recorded piece by piece.
        needs:    where the values stand that later requests can have from nowhere else; none for an answer that is
                  asked for until it has them.
        reads:    its request only asks, though its method does not say so.

        Never raises.
        """
        if answer is None:
            made = Make()
        elif is_redirect(answer.status):
            made = self._redirect(endpoint, answer)
        else:
            made = self._answer(endpoint, answer, events, reads=reads)
            if needs and made.kind in {body.JSON, body.HTML}:
                kind = tuple if made.kind == body.JSON else frozenset
                made = replace(made, needs=tuple(sorted({need for need in needs if isinstance(need, kind)}, key=str)))
        if len(self._makes) < _MAKES:
            return self._makes.setdefault(made, made)
        return self._makes.get(made, made)

    def _redirect(self, endpoint: str, answer: Answered) -> Make:
        target = header_value(answer.headers, b"location")
        if target is None:
            return Make(status=answer.status)
        marks = location.marks(target)
        usual = self._outcome(endpoint, answer.status, marks)
        leads = location.place(target, self._own)
        return Make(status=answer.status, marks=marks, leads=leads, usual=usual)

    def _answer(self, endpoint: str, answer: Answered, events: Sequence[Event], *, reads: bool) -> Make:
        read = body.read(answer, events)
        if read.kind == body.BROKEN_JSON or read.document is body.TOO_LARGE:
            return Make(status=answer.status)
        marks, tree = marks_of(read), None
        if telling.is_unknown_query(marks):
            # Whoever asks first is told so, and after a reset or among copies another is first.
            return Make(status=answer.status)
        seen = page.scan(read.document) if read.kind == body.HTML else page.NOTHING
        usual = self._outcome(endpoint, answer.status, marks, complains=bool(seen.complaints))
        if usual is not None:
            usual.kinds.add(read.kind)
            if has_shape(read):
                tree = usual.add(read.document)
            elif read.kind == body.HTML:
                usual.pages.add(seen)
        # What a stream says last is what it was read for, whenever that comes.
        timed = (reads or endpoint.startswith(("GET ", "HEAD "))) and read.kind != body.STREAM
        return Make(status=answer.status, kind=read.kind, marks=marks, usual=usual, tree=tree, timed=timed)

    def _outcome(self, endpoint: str, status: int, marks: Sequence[Mark], *, complains: bool = False) -> Outcome | None:
        """The answers that turned out as this one, its words taken in; None when there are too many endpoints."""
        usual = self._usual.get(endpoint)
        if usual is None:
            if len(self._usual) >= _ENDPOINTS:
                return None
            usual = self._usual[endpoint] = Usual(self._room)
        outcome = usual.outcome(outcome_of(status), fails=complains or any(mark.fails for mark in marks))
        if outcome is not None:
            outcome.words.add(marks)
        return outcome


def make(answer: Answered | None, events: Sequence[Event] = (), *, endpoint: str = "") -> Make:
    """The make of an answer that is the only one known of its endpoint."""
    return Learner().make(endpoint, answer, events)
