"""Did a live answer turn out as the recorded one? Its status and its shape say so; its values do not."""

from traces.outcome.body import Answered
from traces.outcome.judgement import Make, differs
from traces.outcome.learner import Learner, make

__all__ = ["Answered", "Learner", "Make", "differs", "make"]
