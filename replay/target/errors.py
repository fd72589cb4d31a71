"""What can go wrong with a target before a request is answered.

* TargetError
  x a port that is taken, a database that cannot be opened, a child that does not start, a target that is not there
"""

from __future__ import annotations


class TargetError(Exception):
    """No target to work with; the text is one sentence for people, which says what to do."""
