"""What was measured, as Markdown: a row a world, then every slot that came out wrong, with an example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from bench.twins.score import Fault, Place, Score
from bench.twins.worlds import WORLDS

#: Characters of a value that are shown.
_SHOWN: Final = 44


def rows(scores: Sequence[Score]) -> Iterator[str]:
    """The scores, and all of them together."""
    yield "| world | recall | precision | exact | live | missed | bound | wrong | needless | sessions found |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    together = Score(world="**all**")
    for score in scores:
        together.add(score)
    for score in (*scores, together):
        shares = " | ".join(f"{share:.1%}" for share in (score.recall, score.precision, score.exact))
        counts = " | ".join(
            str(n) for n in (score.live, score.live - score.right, score.bound, score.wrong, score.needless)
        )
        yield f"| {score.world} | {shares} | {counts} | {score.found} of {score.sessions} |"


def faults(scores: Sequence[Score]) -> Iterator[str]:
    """Under each world, a line for each slot that came out wrong: how often, where its value came from, an example."""
    covers = {world.name: world.covers for world in WORLDS}
    for score in scores:
        if score.faults:
            yield f"\n### {score.world}: {covers[score.world]}\n"
        gathered: dict[Place, list[Fault]] = {}
        for fault in score.faults:
            gathered.setdefault(fault.place, []).append(fault)
        for place, found in sorted(gathered.items(), key=lambda item: (item[0][0], -len(item[1]), item[0])):
            kind, _, label, slot = place
            first = found[0]
            came = "nothing" if first.sent is None else _cut(first.sent)
            sources = ", ".join(dict.fromkeys(fault.source for fault in found[:3]))
            yield (
                f"- {kind} {len(found)} of {score.places[place]}  {label}  {slot}  <- {sources}\n"
                f"  recorded {_cut(first.recorded)}, should be {_cut(first.true)}, came out as {came}"
            )


def _cut(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
