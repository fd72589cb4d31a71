"""Did a live answer turn out as the recorded one? Status class today; its shape is the Links room's."""

from __future__ import annotations

from replay.bind import Answer, Step

SAME = "same"


def judge(step: Step, answer: Answer) -> str:
    """ "same", or "differs: ..." with what was got and what was recorded."""
    if answer.error is not None:
        return f"differs: {answer.error}"
    if step.status and answer.status // 100 != step.status // 100:
        return f"differs: status {answer.status}, recorded {step.status}"
    return SAME
