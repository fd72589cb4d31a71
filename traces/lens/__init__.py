"""One tree of codecs over a message: find its leaves, replace them by span. Nobody else parses a body."""

from traces.lens.address import Address, address_of, steps_of
from traces.lens.content import NotDecodable
from traces.lens.content import encode as encode_content
from traces.lens.cuts import Cut, Stencil, cuts, stencil
from traces.lens.leaf import Coding, Leaf, encode
from traces.lens.message import body_leaves, decoded_body, request_leaves, response_leaves
from traces.lens.nested import nested_leaves
from traces.lens.packed import redo, undo
from traces.lens.reading import Reading
from traces.lens.replace import replace_request, replace_response
from traces.lens.values import body_values, header_values, request_values, response_values, target_values

__all__ = [
    "Address",
    "Coding",
    "Cut",
    "Leaf",
    "NotDecodable",
    "Reading",
    "Stencil",
    "address_of",
    "body_leaves",
    "body_values",
    "cuts",
    "decoded_body",
    "encode",
    "encode_content",
    "header_values",
    "nested_leaves",
    "redo",
    "replace_request",
    "replace_response",
    "request_leaves",
    "request_values",
    "response_leaves",
    "response_values",
    "stencil",
    "steps_of",
    "target_values",
    "undo",
]
