"""From traces to a Comparison: which side is read how, and which caveats the way it was measured calls for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from replay.prepare import Prepared, Settings
from replay.recording import Recording
from replay.run import Result
from traces.analysis import analyse, labelled, poll_groups
from traces.compare import Comparison, Margins, compare
from traces.file import TraceReader
from traces.model import Exchange

_APPARATUS = "One side was recorded through a proxy, the other sent without: part of any difference is the apparatus."


def against_recording(prepared: Prepared, settings: Settings, result: Result, run: Path) -> Comparison:
    """Compare a run (its trace is at `run`) with the recording it replayed."""
    caveats = [_APPARATUS]
    if settings.speed != 1:
        caveats.append(f"Replayed at {settings.speed:g}x: slower means slower under that load, not a regression.")
    if settings.multiply != 1:
        caveats.append(f"Replayed {settings.multiply} times at once: slower means slower under that load.")
    with TraceReader(run) as reader:
        return compare(
            labelled(prepared.analysis),
            reader,
            # A run waits at steps that no recorded client waited at.
            polls=poll_groups(prepared.analysis)
            | {step.exchange: step.exchange for p in prepared.programs for step in p.steps if step.is_eventual},
            names=("recorded", f"replayed at {settings.speed:g}x"),
            invalid=result.fidelity.invalid,
            facts=facts(settings, result),
            caveats=caveats,
        )


def two_traces(a: Recording, b: Recording, *, margins: Margins | None = None, seed: int = 0) -> Comparison:
    """Compare two loaded traces: runs, recordings, or one of each."""
    (left, left_polls), (right, right_polls) = _exchanges(a), _exchanges(b)
    return compare(
        left,
        right,
        margins=margins,
        seed=seed,
        polls=left_polls,
        candidate_polls=right_polls,
        pair=_root(a) == _root(b),
        names=(a.path.stem, b.path.stem),
        invalid=_invalid(a) or _invalid(b),
        caveats=list(_caveats(a, b)),
    )


def facts(settings: Settings, result: Result) -> dict[str, str]:
    """The rows about a run that a report shows."""
    return {
        "target": settings.target,
        **result.fidelity.facts(),
        **{f"unbound {n}": text for n, text in enumerate(result.unbound[:5], 1)},
        **{f"left the recorded way {n}": text for n, text in enumerate(result.left[:5], 1)},
        "repeat with": (
            f"--target {settings.target} --speed {settings.speed:g}x --multiply {settings.multiply} "
            f"--seed {settings.seed}"
        ),
    }


def _exchanges(trace: Recording) -> tuple[Iterable[Exchange], dict[int, int]]:
    """The exchanges with session and endpoint, and which belong to a poll loop: a recording is analysed for it."""
    if trace.header.kind == "replay":
        return trace.exchanges, {}
    analysis = analyse(trace.exchanges)
    return labelled(analysis), poll_groups(analysis)


def _root(trace: Recording) -> str:
    """The recording whose exchange ids this trace speaks of."""
    return trace.header.parent or trace.header.id if trace.header.kind == "replay" else trace.header.id


def _invalid(trace: Recording) -> str | None:
    """Why a run proves nothing, by its own certificate; a run without one was cut off."""
    if trace.header.kind != "replay":
        return None
    fidelity = trace.summary.get("fidelity")
    if not isinstance(fidelity, dict):
        return f"{trace.path.name} ends before its run did, so nobody knows what is missing from it"
    reason = fidelity.get("invalid")
    return None if reason is None else f"{trace.path.name}: {reason}"


def _caveats(a: Recording, b: Recording) -> Iterator[str]:
    if a.header.kind != b.header.kind:
        yield _APPARATUS
    for key, what in (("speed", "speeds"), ("multiply", "numbers of copies")):
        left, right = (trace.header.config.get(key, 1) for trace in (a, b))
        if left != right:
            yield f"The two sides ran at different {what} ({left} and {right}): slower means slower under that load."
