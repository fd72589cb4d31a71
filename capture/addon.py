"""The mitmproxy addon: `mitmdump -s capture/addon.py --set trace=F.trace`, and what `replay capture` embeds.

Loaded with -s this file is another module object than the imported one, so it holds no state of its own and imports by
absolute names.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

from mitmproxy import ctx

from capture import instants
from capture.opening import open_spool
from capture.recorder import Recorder

if TYPE_CHECKING:
    from mitmproxy.addonmanager import Loader
    from mitmproxy.http import HTTPFlow
    from mitmproxy.proxy.server_hooks import ServerConnectionHookData

_log = logging.getLogger(__name__)


class TraceAddon:
    """Records every HTTP flow into the trace that the option `trace` names; without the option it does nothing."""

    def __init__(self, recorder: Recorder | None = None) -> None:
        self.recorder = recorder

    def load(self, loader: Loader) -> None:
        """Declare the options."""
        loader.add_option("trace", str, "", "Write a Reprise trace to this file.")
        loader.add_option("trace_max_body", int, 8 * 1024 * 1024, "Keep bodies up to this many bytes.")

    def configure(self, updated: set[str]) -> None:
        """Open the trace as soon as its name is known."""
        if self.recorder is not None or "trace" not in updated or not ctx.options.trace:
            return
        warning = instants.install()
        epoch, epoch_ns = time.monotonic_ns(), time.time_ns()
        try:
            spool = open_spool(
                Path(ctx.options.trace),
                epoch_ns=epoch_ns,
                upstream=",".join(ctx.options.mode),
                config={"max_body": ctx.options.trace_max_body, "connection_strategy": ctx.options.connection_strategy},
                overwrite=False,
            )
        except OSError as error:
            # An error logged while mitmdump starts ends it; raised from a script it would come with a traceback.
            _log.error("trace %s: %s; name another file.", error.filename, error.strerror)
            return
        self.recorder = Recorder(
            spool, epoch=epoch, max_body=ctx.options.trace_max_body, approximate=warning is not None
        )

    def responseheaders(self, flow: HTTPFlow) -> None:
        """See Recorder.response_headers."""
        if self.recorder is not None:
            self.recorder.response_headers(flow)

    def response(self, flow: HTTPFlow) -> None:
        """A whole answer; a WebSocket's exchange ends later."""
        if self.recorder is not None and flow.websocket is None:
            self.recorder.finished(flow)

    def error(self, flow: HTTPFlow) -> None:
        """No whole answer: the upstream failed or the client left."""
        if self.recorder is not None and flow.websocket is None:
            self.recorder.finished(flow)

    def websocket_end(self, flow: HTTPFlow) -> None:
        """A WebSocket closed."""
        if self.recorder is not None:
            self.recorder.finished(flow)

    def server_disconnected(self, data: ServerConnectionHookData) -> None:
        """An upstream connection closed."""
        instants.forget_upstream(data.server.id)

    def done(self) -> None:
        """mitmproxy ends: everything goes to disk."""
        if self.recorder is not None:
            self.recorder.spool.close()


addons = [TraceAddon()]
