"""A person's own code, named on the command line: `slack.py:Slack`, or `shop.signing:Slack` of something installed."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from replay.sign.errors import SignError


def attribute(spec: str) -> Any:
    """What `FILE.py:NAME` or `MODULE:NAME` names. Raises SignError, also for whatever the code itself raises."""
    where, _, name = spec.rpartition(":")
    if not where or not name:
        raise SignError(f"{spec} names no code; write FILE.py:NAME or MODULE:NAME.")
    path = Path(where) if where.endswith(".py") else None
    if path is not None and not path.is_file():
        raise SignError(f"There is no file {where}; name one that defines {name}.")
    try:
        module = importlib.import_module(where) if path is None else _file(path)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise SignError(f"{where} cannot be loaded ({why}); mend it and try again.") from error
    try:
        return getattr(module, name)
    except AttributeError:
        raise SignError(f"{where} has no {name}; name what it defines.") from None


def _file(path: Path) -> ModuleType:
    # Under its whole path, which no import finds: a `stripe.py` of one's own must not hide the package.
    spec = importlib.util.spec_from_file_location(str(path.absolute()), path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module
