"""Many clients that come and go at random: each finished answer is the right text's, none hangs, memory stays."""

from __future__ import annotations

import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from served import LIMIT_S, Server, said, serving, settings_in
from waiting import wait_until

from engine.machine.process_memory import resident_bytes
from engine.server import ServerLimits

N_CLIENTS = 50
TEXTS = [f"Client {number}." for number in range(1, 6)]


class Tally:
    """What became of all requests, of which `n_wanted` are to be served."""

    def __init__(self, n_wanted: int) -> None:
        self._n_wanted = n_wanted
        self._lock = threading.Lock()
        self.served = self.left = self.refused = 0

    def add(self, served: int = 0, left: int = 0, refused: int = 0) -> None:
        with self._lock:
            self.served, self.left, self.refused = self.served + served, self.left + left, self.refused + refused

    @property
    def is_enough(self) -> bool:
        """With 50 clients and 30 places, somebody is told to come again."""
        return self.served > self._n_wanted and self.left > N_CLIENTS / 2 and self.refused > 0


def _come_and_go(server: Server, number: int, wanted: dict[str, np.ndarray], tally: Tally) -> None:
    """Until there was enough of everything. Raises where anything is wrong."""
    dice = random.Random(number)
    until_s = time.monotonic() + LIMIT_S
    while not tally.is_enough and time.monotonic() < until_s:
        text = dice.choice(TEXTS)
        connection = server.connect()
        try:
            body = {"text": text, "format": "pcm", "streaming": dice.random() < 0.5}
            if dice.random() < 0.3:  # it asks, and is gone before an answer
                connection.request("POST", "/v1/tts", json.dumps(body), {"Content-Type": "application/json"})
                tally.add(left=1)
                continue
            response = server.begin(connection, "POST", "/v1/tts", body)
            if response.status == 429:
                tally.add(refused=1)
                time.sleep(2 * dice.random())  # it comes again later, as it is told to, and not at once and for ever
                continue
            assert response.status == 200
            if dice.random() < 0.3:  # it leaves in the middle
                response.read(2000)
                tally.add(left=1)
                continue
            sound = np.frombuffer(response.read(), np.int16).astype(np.float32) / 32768
            assert sound.size == wanted[text].size, f"this is not {text!r}"
            assert np.abs(sound - wanted[text]).max() < 1e-4, f"this is not {text!r}"
            tally.add(served=1)
        finally:
            connection.close()


@pytest.mark.slow
def test_fifty_clients_that_come_and_go(tmp_path: Path) -> None:
    wanted = {text: said(text) for text in TEXTS}
    with serving(settings_in(tmp_path, limits=ServerLimits(max_waiting=30))) as server, ThreadPoolExecutor(50) as pool:
        memory: list[int] = []
        for n_wanted in (N_CLIENTS, 3 * N_CLIENTS):
            tally = Tally(n_wanted)
            clients = [pool.submit(_come_and_go, server, n, wanted, tally) for n in range(N_CLIENTS)]
            for client in clients:
                client.result(2 * LIMIT_S)
            wait_until(lambda: not server.service.worker.is_busy and not server.service.worker.n_waiting, "it is quiet")
            memory.append(resident_bytes() or 0)
        assert tally.is_enough, vars(tally)
        assert memory[1] - memory[0] < 48 * 2**20, f"{memory} bytes, {tally.served} served"
        assert server.ask("GET", "/v1/health").status == 200
