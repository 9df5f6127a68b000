"""The ring: nothing lost, nothing twice, whatever the sizes; nobody waits for ever."""

import threading

import numpy as np
import pytest

from desktop.playback.pcm_buffer import PcmBuffer


def read(buffer: PcmBuffer, n_samples: int) -> np.ndarray:
    """What a device would have got, without the silence."""
    block = np.full(n_samples, 9, np.float32)
    n_read = buffer.read_into(block)
    assert not block[n_read:].any()
    return block[:n_read]


def count(start: int, stop: int) -> np.ndarray:
    return np.arange(start, stop, dtype=np.float32)


def test_the_order_is_kept_around_the_ring() -> None:
    buffer = PcmBuffer(7)
    written, back = 0, []
    while written < 100:
        written += buffer.write(count(written, min(written + 5, 100)), timeout_s=0)
        back.append(read(buffer, 3))
    back.append(read(buffer, 100))
    np.testing.assert_array_equal(np.concatenate(back), count(0, 100))
    assert buffer.written_samples == buffer.consumed_samples == 100


def test_a_producer_and_a_consumer_in_two_threads_lose_nothing() -> None:
    buffer, total, back = PcmBuffer(1000), 200_000, []

    def consume() -> None:
        rng = np.random.default_rng(0)
        while buffer.consumed_samples < total:
            back.append(read(buffer, int(rng.integers(1, 700))))

    consumer = threading.Thread(target=consume)
    consumer.start()
    rng, position = np.random.default_rng(1), 0
    while position < total:
        stop = min(position + int(rng.integers(1, 1500)), total)
        n_taken = buffer.write(count(position, stop), timeout_s=10)
        assert n_taken, "the consumer stands still"
        position += n_taken
    consumer.join(10)
    np.testing.assert_array_equal(np.concatenate(back), count(0, total))


def test_a_full_ring_takes_what_fits_and_then_nothing() -> None:
    buffer = PcmBuffer(10)
    assert buffer.write(count(0, 25), timeout_s=0) == 10
    assert buffer.write(count(0, 1), timeout_s=0.01) == 0
    read(buffer, 4)
    assert buffer.write(count(0, 25), timeout_s=0) == 4


def test_a_waiting_producer_goes_on_when_there_is_room() -> None:
    buffer = PcmBuffer(10)
    buffer.write(count(0, 10), timeout_s=0)
    threading.Timer(0.05, read, (buffer, 5)).start()
    assert buffer.write(count(10, 15), timeout_s=10) == 5


def test_closing_wakes_whoever_waits() -> None:
    buffer = PcmBuffer(10)
    buffer.write(count(0, 10), timeout_s=0)
    threading.Timer(0.05, buffer.close).start()
    assert buffer.write(count(0, 1), timeout_s=60) == 0


def test_forgetting_what_nobody_heard_leaves_no_trace() -> None:
    buffer = PcmBuffer(10)
    buffer.write(count(0, 6), timeout_s=0)
    read(buffer, 2)
    buffer.truncate(3, fade_samples=5)
    buffer.write(np.array([50, 51], np.float32), timeout_s=0)
    np.testing.assert_array_equal(read(buffer, 9), [2, 50, 51])


@pytest.mark.parametrize("n_before", [0, 7])  # around the ring's end too
def test_what_is_being_heard_fades_out_when_it_is_forgotten(n_before: int) -> None:
    buffer = PcmBuffer(10)
    buffer.write(np.zeros(n_before, np.float32), timeout_s=0)
    read(buffer, n_before)
    buffer.write(np.ones(8, np.float32), timeout_s=0)
    read(buffer, 2)
    buffer.truncate(n_before, fade_samples=5)
    np.testing.assert_allclose(read(buffer, 9), [1, 0.75, 0.5, 0.25, 0])
