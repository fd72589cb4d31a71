"""The words in which services say how something went: which keys tell it, and which words mean that it failed.

Rule 1: a key is judged by its last words (`payment_status`, `lastPaymentError`), in whatever case they are joined.
Rule 2: a word means failure only by itself, never by being unknown: that is for the recording to say.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from traces.shapes import is_id_segment, is_instant

#: What a key's value says.
#: WORD   which of a few states it is in
#: FAULT  that something went wrong, by being there at all
#: FLAG   true or false: it went well
#: TOP    which of several answers this is, at a document's top; an item's type is a value like others
NOTHING, WORD, FAULT, FLAG, TOP = range(5)

_LONGEST_KEY: Final = 64
_LONGEST_WORD: Final = 80
_REMEMBERED: Final = 4_096
_TOKEN: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
#: At most three words, the first of letters: `Payment declined`, never prose.
_WORD_LIKE: Final = re.compile(r"[A-Za-z_][\w.:/-]{0,39}(?: [\w.-]{1,20}){0,2}")

_STATES: Final = frozenset("status state result outcome typename phase decision verdict".split())
_NUMBERED: Final = frozenset("status state code".split())
_CODES: Final = frozenset("result response status return reason".split())
_FAULTS: Final = frozenset("error errors exception exceptions fault faults errno errcode".split())
_FAULTY: Final = frozenset("error exception failure fault decline".split())
_SAID: Final = frozenset("code codes message messages msg type reason description detail details".split())
_FLAGS: Final = frozenset("success successful succeeded ok approved accepted valid".split())
_STATE_FLAGS: Final = frozenset("paid completed confirmed captured settled verified authenticated".split())
_AT_THE_TOP: Final = frozenset({"type", "kind", "code"})

_FAILED: Final = frozenset(
    "fail failed failing failure failures error errors errored exception fault declined decline denied deny rejected "
    "reject refused refuse cancelled canceled cancel expired invalid unauthorized unauthorised forbidden blocked "
    "aborted timeout voided insufficient unavailable unsuccessful unprocessable fraud fraudulent nok".split()
)
_NEGATED: Final = frozenset("no non none not without".split())
#: Where a job stands, or whether it is done: which of these an answer says depends on when it was asked.
_UNDER_WAY: Final = frozenset(
    "true false pending processing progress queued open created new submitted waiting scheduled running started "
    "initiated requested received preparing draft active succeeded success successful completed complete done paid "
    "confirmed captured settled fulfilled approved accepted authorised authorized ok finished closed processed "
    "ready".split()
)
_WRITTEN: Final[dict[object, str]] = {
    **dict.fromkeys((True, "true", "yes", "y", "1", "ok"), "true"),
    **dict.fromkeys((False, "false", "no", "n", "0"), "false"),
}
#: Not an error, though it stands where one would.
_NO_FAULT: Final = frozenset(
    {"", "0", "00", "000", "0000", "none", "null", "false", "no", "ok", "success", "no_error", "noerror"}
)


def tokens(text: str) -> list[str]:
    """`lastPaymentError`, `LAST_PAYMENT_ERROR` -> last, payment, error."""
    return [token.lower() for token in _TOKEN.findall(text)]


#: What each key says, of those met so far: a service has a few hundred. Loops over keys look here first.
ROLES: Final[dict[str, int]] = {}


def role(key: str) -> int:
    """WORD, FAULT, FLAG, TOP or NOTHING; remembered in ROLES."""
    if len(key) > _LONGEST_KEY:
        return NOTHING
    if len(ROLES) >= _REMEMBERED:
        ROLES.clear()
    return ROLES.setdefault(key, TOP if key in _AT_THE_TOP else _role(tokens(key)))


def _role(parts: list[str]) -> int:
    if not parts:
        return NOTHING
    last, before = parts[-1], parts[-2] if len(parts) > 1 else ""
    if last in _FAULTS or (last in _SAID and before in _FAULTY):
        return FAULT
    if last in _STATES or (last == "code" and before in _CODES):
        return WORD
    if last in _FLAGS:
        return FLAG
    return WORD if last in _STATE_FLAGS and len(parts) <= 2 else NOTHING


def is_numbered(key: str) -> bool:
    """Is a number there a word too? A status of 402 is, a result of 402 is an amount."""
    parts = tokens(key)
    return bool(parts) and parts[-1] in _NUMBERED


def word(value: Any, *, numbered: bool) -> str:
    """The word of a vocabulary that a value is, or "": prose, tokens, instants and amounts are none."""
    if type(value) is str:
        return value if len(value) <= _LONGEST_WORD and _is_word(value) else ""
    if type(value) is bool:
        return "true" if value else "false"
    return str(value) if numbered and type(value) is int and -100_000 < value < 100_000 else ""


def code(value: Any) -> str:
    """The code of an error that a value is, or "": of several words, it is a sentence to a person."""
    text = word(value, numbered=True)
    return "" if " " in text else text


def flag(value: Any) -> str:
    """ "true" or "false", in whatever way a service writes them; "" for anything else."""
    return _WRITTEN.get(value.lower() if type(value) is str else value, "") if type(value) in {bool, int, str} else ""


@lru_cache(maxsize=_REMEMBERED)
def _is_word(text: str) -> bool:
    return _WORD_LIKE.fullmatch(text) is not None and not is_id_segment(text) and not is_instant(text)


def is_fault(value: Any) -> bool:
    """Does what stands at an error's place say that there is one? `null`, `[]`, `0` and `"none"` do not."""
    return bool(value) and not (type(value) is str and value.lower() in _NO_FAULT)


@lru_cache(maxsize=_REMEMBERED)
def is_failure(text: str) -> bool:
    """Does the word itself say that something failed? `PaymentDeclinedError` does, `no_error` does not."""
    parts = tokens(text)
    if not _FAILED.intersection(parts):
        return parts[-2:] == ["not", "found"]
    return parts[0] not in _NEGATED


def is_under_way(text: str) -> bool:
    """Is it a stage that a job passes through, or its good end?"""
    return not _UNDER_WAY.isdisjoint(tokens(text)) and not is_failure(text)
