"""One tree of codecs over a message: find its leaves, replace them by span. Nobody else parses a body."""

from traces.lens.content import NotDecodable
from traces.lens.content import encode as encode_content
from traces.lens.leaf import Coding, Leaf, encode
from traces.lens.message import body_leaves, decoded_body, request_leaves, response_leaves

__all__ = [
    "Coding",
    "Leaf",
    "NotDecodable",
    "body_leaves",
    "decoded_body",
    "encode",
    "encode_content",
    "request_leaves",
    "response_leaves",
]
