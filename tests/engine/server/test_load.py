"""Many clients that come and go at random: each finished answer is the right text's, none hangs, memory stays."""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from served import LIMIT_S, Server, serving, settings_in, spoken
from waiting import wait_until

from engine import ServerLimits
from engine.process_memory import resident_bytes

N_CLIENTS = 50
DURATION_S = 6.0
TEXTS = [f"Client {number} says {word}." for number, word in enumerate(("one", "two", "three", "four", "five"), 1)]


def _come_and_go(server: Server, number: int, wanted: dict[str, np.ndarray], deadline_s: float) -> tuple[int, int, int]:
    """How often this client was served, went away, and was told to come again. Raises where anything is wrong."""
    dice = random.Random(number)
    n_served = n_left = n_refused = 0
    while time.monotonic() < deadline_s:
        text = dice.choice(TEXTS)
        connection = server.connect()
        try:
            body = {"text": text, "format": "pcm", "streaming": dice.random() < 0.5}
            if dice.random() < 0.3:  # it asks, and is gone before an answer
                connection.request("POST", "/v1/tts", json.dumps(body), {"Content-Type": "application/json"})
                n_left += 1
                continue
            response = server.begin(connection, "POST", "/v1/tts", body)
            if response.status == 429:
                n_refused += 1
                continue
            assert response.status == 200
            if dice.random() < 0.3:  # it leaves in the middle
                response.read(2000)
                n_left += 1
                continue
            sound = np.frombuffer(response.read(), np.int16).astype(np.float32) / 32768
            assert sound.size == wanted[text].size, f"this is not {text!r}"
            assert np.abs(sound - wanted[text]).max() < 1e-4, f"this is not {text!r}"
            n_served += 1
        finally:
            connection.close()
    return n_served, n_left, n_refused


@pytest.mark.slow
def test_fifty_clients_that_come_and_go(tmp_path: Path) -> None:
    wanted = {text: spoken(text) for text in TEXTS}
    with serving(settings_in(tmp_path, limits=ServerLimits(max_waiting=30))) as server, ThreadPoolExecutor(50) as pool:
        memory: list[int] = []
        for part_s in (DURATION_S / 4, DURATION_S * 3 / 4):
            deadline_s = time.monotonic() + part_s
            clients = [pool.submit(_come_and_go, server, n, wanted, deadline_s) for n in range(N_CLIENTS)]
            tallies = [client.result(part_s + LIMIT_S) for client in clients]
            wait_until(lambda: not server.service.worker.is_busy and not server.service.worker.n_waiting, "it is quiet")
            memory.append(resident_bytes() or 0)
        served, left, refused = (sum(column) for column in zip(*tallies, strict=True))
        assert served > N_CLIENTS
        assert left > N_CLIENTS / 2
        assert refused > 0, "with 50 clients and 30 places, somebody is told to come again"
        assert memory[1] - memory[0] < 48 * 2**20, f"{memory} bytes, {served} served"
        assert server.ask("GET", "/v1/health").status == 200
