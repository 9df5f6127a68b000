from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from typing import Any

import pytest
from waiting import wait_until

import engine
from desktop.common.apart import EndedEarlyError, found_apart

pytestmark = pytest.mark.slow


ENDLESS_SLEEP: Any = time.sleep
CRASH: Any = os.abort
NO_NUMBER: Any = int


def test_what_is_found_comes_as_it_is_found_until_it_is_enough() -> None:
    cancel = engine.CancelToken()
    assert list(found_apart(range, 3, cancel=cancel)) == [0, 1, 2]
    endless = found_apart(itertools.count, 5, cancel=cancel)
    assert [next(endless), next(endless)] == [5, 6]
    cancel.cancel()
    assert list(endless) == []


def test_one_that_hangs_is_ended_with_its_process() -> None:
    cancel = engine.CancelToken()
    ended = threading.Event()

    def wait_for_it() -> None:
        list(found_apart(ENDLESS_SLEEP, 1000, cancel=cancel))
        ended.set()

    threading.Thread(target=wait_for_it).start()
    cancel.cancel()
    wait_until(ended.is_set, "it has ended")


def test_one_that_crashes_or_raises_is_told_by_its_code(capfd: pytest.CaptureFixture[str]) -> None:
    for find, code in ((CRASH, -signal.SIGABRT), (NO_NUMBER, 1)):
        with pytest.raises(EndedEarlyError) as raised:
            list(found_apart(find, *("no number",) * (find is NO_NUMBER), cancel=engine.CancelToken()))
        assert raised.value.exit_code == code
    assert "invalid literal" in capfd.readouterr().err, "what it was is printed"
