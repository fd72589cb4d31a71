"""A session and its links, compiled: requests with holes, and live answers that fill them."""

from replay.bind.answer import Answer, holds, read
from replay.bind.compiling import compile_sessions
from replay.bind.place import Place, origins, place
from replay.bind.program import Hole, Program, Step
from replay.bind.template import Template

__all__ = [
    "Answer",
    "Hole",
    "Place",
    "Program",
    "Step",
    "Template",
    "compile_sessions",
    "holds",
    "origins",
    "place",
    "read",
]
