"""Standard error is the process's: silenced while any thread wants that, and there again afterwards."""

from __future__ import annotations

import errno
import os
import threading

import pytest

from desktop.playback.output_device import quiet_libraries


def test_two_threads_at_once_leave_standard_error_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    second_is_in, first_is_out = threading.Event(), threading.Event()

    def second() -> None:
        with quiet_libraries():
            second_is_in.set()
            first_is_out.wait(10)
            os.write(2, b"not heard\n")

    thread = threading.Thread(target=second)
    with quiet_libraries():
        thread.start()
        assert second_is_in.wait(10)
        os.write(2, b"nor this\n")
    first_is_out.set()
    thread.join(10)
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_standard_error_may_be_closed() -> None:
    kept = os.dup(2)
    os.close(2)
    try:
        with quiet_libraries():
            pass
        with pytest.raises(OSError) as caught:  # noqa: PT011  (what it says is in the person's language)
            os.fstat(2)
        assert caught.value.errno == errno.EBADF
    finally:
        os.dup2(kept, 2)
        os.close(kept)
