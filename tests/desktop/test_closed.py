"""While the application ends something still happens: an engine is lost, settings change. What is closed by then takes
it, does nothing, and is closed again without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

import engine.builtin
from desktop.platform.notifications import Notifier
from desktop.speech.http_service import HttpService, HttpSettings, HttpView
from desktop.worker import Worker


@pytest.mark.usefixtures("qapp")
def test_a_notification_is_shown_nowhere() -> None:
    notifier = Notifier()
    notifier.close()
    assert notifier.notify("Lectern", "An engine is lost.").result(0) is False
    notifier.close()


@pytest.mark.usefixtures("qapp")
def test_a_server_stays_closed(tmp_path: Path) -> None:
    service = HttpService(engine.builtin.BuiltInVoice, tmp_path)
    service.close()
    service.use(HttpSettings(True, "127.0.0.1:0"))
    assert service.view == HttpView()
    service.close()


@pytest.mark.usefixtures("qapp")
def test_work_is_not_begun() -> None:
    worker, done = Worker("closed"), list[str]()
    worker.close()
    worker.do(lambda: done.append("work"), lambda _: done.append("answer"))
    worker.close()
    assert done == []
