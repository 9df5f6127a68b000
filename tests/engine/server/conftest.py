"""A server with the built-in voice, shared by the tests of one file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from served import Server, serving, settings_in

from engine.registry import always_there


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    with serving(settings_in(folder, engine_voices=always_there().voice_names())) as running:
        yield running
