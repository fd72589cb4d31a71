"""The `replay` command: parses, calls, prints; decides nothing.

Commands are found by name and imported only when called, so `replay --help` loads neither scipy nor mitmproxy.
"""

from replay.cli.main import main

__all__ = ["main"]
