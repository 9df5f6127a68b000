from __future__ import annotations

import pytest

from engine.builtin.neural import Network, open_network


@pytest.fixture(scope="session")
def network() -> Network:
    return open_network()
