"""Home Assistant's protocol in the running application: on, off and moved as the HTTP interface is."""

from __future__ import annotations

import engine.server
from desktop.common.messages import explain_at_prompt
from desktop.speech.http_service import HttpService, HttpSettings, Server


class WyomingService(HttpService):
    """Serves the Wyoming protocol, which has no key."""

    name = "Wyoming"
    has_no_key = True

    def _start(self, settings: HttpSettings) -> Server:
        server_settings = self._server_settings(settings)
        return engine.server.start_wyoming_server(
            server_settings, self._open_engine, lambda error: str(explain_at_prompt(error))
        )
