"""When each session starts and as whom; pure."""

from replay.plan.schedule import Start, schedule, stagger

__all__ = ["Start", "schedule", "stagger"]
