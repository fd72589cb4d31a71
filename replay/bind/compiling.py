"""Sessions compiled: the trace is read once more, session by session, and what it holds laid out for sending.

A hundred thousand requests stay in memory for a whole run, so equal pieces (the head of every GET, the hole in every
path) are kept once, and nothing of an answer is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, TypeVar

from replay.bind.filling import Filler
from replay.bind.holes import Hole
from replay.bind.known import in_order
from replay.bind.looker import Looker
from replay.bind.mapping import IdMap
from replay.bind.order import waits
from replay.bind.people import People
from replay.bind.place import Place
from replay.bind.program import Program, Step
from replay.bind.template import Template, compile_request
from replay.mint import Minter
from replay.sign import Keyring, Signer, plan
from traces.analysis import Analysis
from traces.links import Binding, Source
from traces.links.streams import terminal
from traces.model import Session
from traces.outcome import JSON, Learner, Need, form_in

#: A gap this much longer than a poll's pause is thinking, not polling.
_PACING: Final = 2.0

#: Sessions whose steps are at hand while others' links lead to them.
_SESSIONS: Final = 64

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the operator chose of the values that are sent.

    fresh_people: stand-ins for whoever stands in a request.
    fresh_accounts: without those, stand-ins for who registers: a name can be registered once, and there are copies.
    given:    parameter name -> the value to send instead of the recorded one, wherever a field is called so.
    defaults: the same, but only where all sessions carry one value that no answer gave them.
    mapping:  recorded ids and the target's, wherever no answer gives them.
    accounts: sessions that log in as somebody are handed a login; otherwise they use the recorded one.
    minters:  make what third parties issue; signers: sign beside what the keyring's secrets can.
    epoch_ns: wall-clock of the recording's instant 0, ns since 1970.
    """

    fresh_people: bool = True
    fresh_accounts: bool = False
    given: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    mapping: IdMap | None = None
    accounts: bool = False
    minters: Sequence[Minter] = ()
    keyring: Keyring | None = None
    signers: Sequence[Signer] = ()
    epoch_ns: int = 0


class UnknownParameter(ValueError):
    """A value was given for a name that no request has; the text says which names there are."""


def compile_sessions(analysis: Analysis, where: Place, choices: Choices, looker: Looker | None = None) -> list[Program]:
    """Compile every session of a trace; what of `choices.mapping` was of use is noted in it.

    looker: is shown every request on the way.

    Raises UnknownParameter when a value is given for what no request has, SignError for a key that signs nothing.
    """
    compiler = _Compiler(analysis, where, choices, looker)
    programs: list[Program] = []
    for session in analysis.sessions:
        programs.append(compiler.program(session))
        if looker is not None:
            looker.session(programs[-1])
    if unknown := sorted(choices.given.keys() - compiler.used):
        known = sorted({unfed.name for unfed in analysis.graph.unfed if unfed.kind == "parameter"})
        there = f"; what all its sessions share is {', '.join(known)}" if known else ""
        raise UnknownParameter(f"nothing in the recording's requests is called {', '.join(unknown)}{there}.")
    return in_order(
        [
            replace(program, exports=frozenset(steps))
            if (steps := compiler.read_elsewhere[program.session])
            else program
            for program in programs
        ]
    )


class _Compiler:
    """What the sessions of a trace share while they are compiled.

    read_elsewhere: session -> its steps whose answers other sessions read.
    """

    def __init__(self, analysis: Analysis, where: Place, choices: Choices, looker: Looker | None) -> None:
        self._looker = looker
        self.read_elsewhere: defaultdict[str, set[int]] = defaultdict(set)
        self._analysis, self._where = analysis, where
        self._keyring, self._signers = choices.keyring or Keyring(environ={}), choices.signers
        self._filler = Filler(
            analysis,
            choices.given,
            choices.defaults,
            people=People(fresh=choices.fresh_people, fresh_accounts=choices.fresh_accounts),
            hands_out_accounts=choices.accounts,
            minters=choices.minters,
            epoch_ns=choices.epoch_ns,
            mapping=choices.mapping,
            keyring=choices.keyring,
        )
        self._learner = Learner(analysis.facts.authorities)
        self._loops = {numbers[0]: (poll, numbers) for poll, numbers in analysis.loops}
        # A later attempt of a loop is not a step of its own; whoever waits for it waits for the loop.
        self._stands_for = {number: numbers[0] for _, numbers in analysis.loops for number in numbers}
        self._by_id = {session.id: session for session in analysis.sessions}
        self._positions = lru_cache(maxsize=_SESSIONS)(self._steps_of)
        self._shared: dict[Any, Any] = {}

    @property
    def used(self) -> set[str]:
        """Names of given values that were found so far."""
        return self._filler.used

    def program(self, session: Session) -> Program:
        facts = self._analysis.facts
        kept = self._kept(session)
        order = waits([(facts.received[number], self._end(number)) for number in kept])
        bindings: dict[int, list[Binding]] = {}
        for binding in self._analysis.bindings(session):
            sources = tuple(self._share(self._moved(source, session)) for source in binding.sources)
            number = session.numbers[binding.step]
            bindings.setdefault(number, []).append(replace(binding, sources=sources))
        needs = _needs(binding for found in bindings.values() for binding in found)
        steps: list[Step] = []
        people: dict[str, int] = {}
        wrote = False
        keeps_cookies, skipped = self._filler.keeps_cookies(session), None
        own = self._filler.own(session, self._analysis.exchange)
        for n, number in enumerate(kept):
            exchange = self._analysis.exchange(number)
            signing = plan(exchange.request, self._keyring, self._signers)
            filled = self._filler.fill(number, exchange, bindings.get(number, ()), own, signing.headers)
            for person in sorted(filled.people):
                people.setdefault(person, n)
            try:
                template = compile_request(
                    exchange.request,
                    filled.leaves,
                    authority=self._where.authority,
                    move=self._where.move,
                    set_by_server=self._filler.set_by_server if keeps_cookies else None,
                )
            except ValueError as error:
                skipped = f"exchange {exchange.id}: {error}"
                break
            is_read = facts.is_read(number)
            poll, loop = self._loops.get(number, (None, [number]))
            endpoint = self._share(exchange.endpoint or self._analysis.endpoint(number))
            if self._looker is not None:
                self._looker.request(endpoint, exchange, filled, signing, self._filler.set_by_server)
            answers = (exchange if number == other else self._analysis.exchange(other) for other in loop)
            # Every attempt goes through the learner, or the words of waiting would be unknown to it.
            *attempts, make = (
                self._learner.make(endpoint, a.response, a.events, () if poll else needs[n], reads=is_read)
                for a in answers
            )
            steps.append(
                Step(
                    index=n,
                    exchange=exchange.id,
                    endpoint=endpoint,
                    offset=exchange.clock.received - session.start,
                    after=order[n].after,
                    template=self._lean(template),
                    holes=self._holes(filled.holes),
                    signing=signing if signing.signers else None,
                    unsigned=self._share(signing.missing),
                    make=make,
                    attempts=tuple(attempts),
                    alone=order[n].alone,
                    poll=poll,
                    is_read=is_read,
                    is_eventual=poll is None
                    and is_read
                    and make.kind == JSON
                    and (wrote or _is_anothers(filled.holes)),
                    paced=poll is not None
                    and poll.sightings > 0
                    and all(think <= _PACING * poll.pause for _, think in order[n].after[:1]),
                    is_stream=bool(exchange.events) and not any(e.from_client for e in exchange.events),
                    stream=terminal(exchange) if exchange.events else None,
                    duration=exchange.end - exchange.clock.received,
                    is_head=exchange.request.method == b"HEAD",
                )
            )
            wrote = wrote or not is_read
        return Program(
            session=session.id,
            start=session.start,
            steps=tuple(steps),
            size=len(kept),
            people=people,
            keeps_cookies=keeps_cookies,
            account="" if own.login is None else own.login.user,
            skipped=skipped,
        )

    def _kept(self, session: Session) -> list[int]:
        """The numbers of the exchanges that are steps of their own."""
        return [number for number in session.numbers if self._stands_for.get(number, number) == number]

    def _moved(self, source: Source, session: Session) -> Source:
        """The source with its step counted in the program it is of: a loop's answer is that of its last attempt."""
        home = session if source.session is None else self._by_id[source.session]
        number = home.numbers[source.step]
        step = self._positions(home.id)[self._stands_for.get(number, number)]
        if source.session is not None:
            self.read_elsewhere[home.id].add(step)
        plus = None if source.plus is None else self._moved(source.plus, session)
        selectors = tuple(
            selector if selector.same is None else replace(selector, same=self._moved(selector.same, session))
            for selector in source.selectors
        )
        return replace(source, step=step, plus=plus, selectors=selectors)

    def _steps_of(self, name: str) -> dict[int, int]:
        """The step of each exchange of a session that is one."""
        return {number: n for n, number in enumerate(self._kept(self._by_id[name]))}

    def _end(self, number: int) -> int:
        last = self._loops[number][1][-1] if number in self._loops else number
        return self._analysis.facts.end[last]

    def _holes(self, holes: Sequence[Hole]) -> tuple[Hole, ...]:
        # What is made of a recorded text is this request's alone: looking for its like would cost more than it saves.
        if all(hole.sources or hole.unbound for hole in holes):
            return self._share(tuple(self._share(hole) for hole in holes))
        return tuple(self._share(hole) if hole.sources or hole.unbound else hole for hole in holes)

    def _lean(self, template: Template) -> Template:
        """The template with each of its pieces that another has too kept once."""
        return replace(
            template,
            head=tuple(self._share(part) for part in template.head),
            body=tuple(self._share(part) for part in template.body),
            tail=tuple(self._share(part) for part in template.tail),
            cookies=self._share(template.cookies),
        )

    def _share(self, value: _T) -> _T:
        equal: _T = self._shared.setdefault(value, value)
        return equal


def _is_anothers(holes: Iterable[Hole]) -> bool:
    """Is something asked for that another session brought about?"""
    return any(source.session is not None for hole in holes for source in hole.sources)


def _needs(bindings: Iterable[Binding]) -> defaultdict[int, set[Need]]:
    """By step, what of its answer only it can give to a later request: there, nothing is a failure."""
    needs: defaultdict[int, set[Need]] = defaultdict(set)
    for binding in bindings:
        givers = {(source.session, source.step) for source in binding.sources}
        if len(givers) != 1 or binding.sources[0].session is not None:
            continue
        first = binding.sources[0]
        if len(binding.sources) == 1 and first.address.kind == "json":
            needs[first.step].add(first.address.keys)
        elif all(forms := [form_in(source.address) for source in binding.sources]):
            needs[first.step].add(frozenset(forms))
    return needs
