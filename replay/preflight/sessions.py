"""Findings about whole sessions: those that are skipped, those that need an account, and what they wait for."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from replay.bind import Program
from replay.plan import Start
from replay.preflight.finding import Finding
from replay.preflight.phrases import many, place, short
from traces.links import Poll
from traces.report.safe import printable

_WHICH: Final = re.compile(r"(exchange \d+): (.*)", re.DOTALL)
_EXAMPLES: Final = 3
#: Polls told one by one.
_MOST: Final = 10


def skipped(programs: Sequence[Program], copies: int) -> Iterator[Finding]:
    """Sessions that cannot be sent at all, by why."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for program in programs:
        if program.skipped is not None:
            match = _WHICH.fullmatch(program.skipped)
            where, why = match.groups() if match else ("", program.skipped)
            found[why].append(f"{program.session} {where}".strip())
    for why, which in sorted(found.items(), key=lambda item: -len(item[1])):
        more = ", ..." if len(which) > _EXAMPLES else ""
        say = "; record with a larger --max-body" if "not kept" in why else ""
        named = ", ".join(map(short, which[:_EXAMPLES]))
        sentence = f"skipped, because a request of theirs cannot be sent: {printable(why)}{say} ({named}{more})"
        yield Finding(kind="skipped", sentence=sentence, sessions=len(which) * copies)


def accounts(programs: Sequence[Program], starts: Sequence[Start], *, handed_out: int) -> Iterator[Finding]:
    """Sessions that log in as somebody. `handed_out`: logins in the file of accounts, 0 without one."""
    rows: Counter[object] = Counter()
    for start in starts:
        program = programs[start.journey]
        if program.account and program.skipped is None:
            rows[start.account if handed_out else program.account] += 1
    if not rows:
        return
    longest = max(rows.values())
    line = f"; one session at a time each, up to {longest:,} one after another" if longest > 1 else ""
    if handed_out:
        sentence = (
            f"{many(rows.total(), 'session')} log in with {len(rows):,} of the {many(handed_out, 'account')} given"
        )
        yield Finding(kind="account", sentence=sentence + line)
        return
    sentence = (
        f"log in with {many(len(rows), 'recorded account')}, user and password as recorded{line}; unless the target "
        "has them, give others by --accounts CSV"
    )
    yield Finding(kind="account", sentence=sentence, sessions=rows.total())


def polls(found: Sequence[Poll]) -> Iterator[Finding]:
    """Loops that are replayed until their condition holds."""
    for poll in found[:_MOST]:
        sentence = (
            f"polls {place(poll.endpoint)} every {poll.pause / 1e6:,.0f} ms, at any speed, until "
            f"{printable(str(poll.condition))}; recorded, within {poll.longest / 1e9:.3g} s"
        )
        yield Finding(kind="poll", sentence=sentence)
