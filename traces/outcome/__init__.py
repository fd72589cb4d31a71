"""Did a live answer turn out as the recorded one? Its status and its shape say so; its values do not."""

from traces.outcome.body import JSON, Answered
from traces.outcome.judgement import Make, differs
from traces.outcome.learner import Learner, make
from traces.outcome.needs import Need, form_in

__all__ = ["JSON", "Answered", "Learner", "Make", "Need", "differs", "form_in", "make"]
