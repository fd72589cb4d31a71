"""A session and its links, compiled: requests with holes, and live answers that fill them."""

from replay.bind.answer import Answer, holds, read
from replay.bind.compiling import Choices, compile_sessions
from replay.bind.cookies import Jar
from replay.bind.holes import Context, Hole, Live, Unbound
from replay.bind.place import Place, origins, place
from replay.bind.program import Program, Step
from replay.bind.rendering import fill_ahead, render
from replay.bind.template import Template

__all__ = [
    "Answer",
    "Choices",
    "Context",
    "Hole",
    "Jar",
    "Live",
    "Place",
    "Program",
    "Step",
    "Template",
    "Unbound",
    "compile_sessions",
    "fill_ahead",
    "holds",
    "origins",
    "place",
    "read",
    "render",
]
