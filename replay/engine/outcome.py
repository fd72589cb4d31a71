"""Did a live answer turn out as the recorded one?"""

from __future__ import annotations

from replay.bind import Answer, Step
from traces.outcome import differs

SAME = "same"


def judge(step: Step, answer: Answer) -> str:
    """ "same", or "differs: ..." with what is not as it was recorded. An attempt of a poll may be like any of them."""
    if answer.error is not None:
        return f"differs: {answer.error}"
    why = differs(step.make, answer, answer.events)
    if why is None or any(differs(make, answer, answer.events) is None for make in step.attempts):
        return SAME
    return f"differs: {why}"
