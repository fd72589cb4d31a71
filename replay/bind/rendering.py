"""A step's request as it goes out: holes filled, digests and signatures made anew, lengths right.

In two parts: what needs answers read, as soon as they are there; what goes by the present time, when it is due.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from replay.bind.holes import Context, Hole, Unbound
from replay.bind.program import Program, Step
from replay.sign import SignError

_NS: Final = 10**9


def fill_ahead(step: Step, context: Context) -> list[str | None]:
    """The text of each hole that will be the same when the request is due; None for the others, and for what is not
    there yet.

    A page takes a millisecond to read: here it makes no request late.
    """
    return [_known(hole, context) if hole.is_timeless else None for hole in step.holes]


def render(
    program: Program,
    step: Step,
    context: Context,
    cookies: Callable[[bytes], Mapping[bytes, bytes]],
    ahead: Sequence[str | None],
) -> bytes:
    """The whole request for this clone, now.

    cookies: what the jar sends to a request target; only asked where the jar decides.
    ahead:   what was filled already.

    Raises Unbound, which names the request, the slot and what was looked for.
    """
    values = [
        _text(hole, context, step, program) if known is None else known
        for hole, known in zip(step.holes, ahead, strict=True)
    ]
    if step.unsigned:
        raise Unbound(f"{step.endpoint}: {step.unsigned[0]}")
    head, body = step.template.parts(values, cookies)
    if step.signing is not None:
        try:
            head = step.signing.sign(head, body, at=context.now // _NS)
        except SignError as error:
            raise Unbound(f"{step.endpoint}: {error}") from error
    return step.template.joined(head, body)


def _known(hole: Hole, context: Context) -> str | None:
    try:
        return hole.text(context)
    except Unbound:
        return None


def _text(hole: Hole, context: Context, step: Step, program: Program) -> str:
    try:
        return hole.text(context)
    except Unbound as missing:
        raise _named(missing, hole, step, program) from None


def _named(missing: Unbound, hole: Hole, step: Step, program: Program) -> Unbound:
    """Say at which request and slot, and the answer to which request should have held the value."""
    if not missing.sources:
        return Unbound(f"{step.endpoint} {hole.slot}: {missing}")
    best = missing.sources[0]
    giver = program.steps[best.step].endpoint if best.session is None else f"session {best.session}"
    return Unbound(f"{step.endpoint} {hole.slot}: the answer to {giver} has {missing}", missing.sources)
