"""Plays a reading while it is generated, and says which sentence and word is being heard."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import engine
from desktop.common.errors import PlaybackError
from desktop.playback.output_device import OutputDevice, find_output_device, is_there, output_names, refresh_devices
from desktop.playback.sound_feed import FADE_S, SoundFeed
from desktop.playback.sound_output import SoundOutput
from desktop.playback.tape import Place, Tape

KEEP_S = 600.0  # of what was heard, to go back to
AHEAD_S = 0.4  # in the ring: what the feeder may be late
SHORT_S = 0.08  # in the ring: with nothing to follow, the sound is faded out before it breaks off
NAP_S = 0.05
BLEND_S = 0.02  # from one speed or volume to another
GUARD_S = 0.03  # where they change: ahead of the device by more than one of its blocks
KEEP_OPEN_S = 5.0  # without anything to play: an open stream costs CPU, a cold one a quarter of a second
RETRY_S = 1.0  # and no device is opened again sooner after one was lost: one may end as soon as it is opened
LOOK_S = 1.0  # between two looks for a chosen device, while something plays
SLOW_DEVICE_S = 0.12  # what is further from the ear than this is cut off where silence is wanted, not faded out
LATENCIES_S = (0.06, 0.1, 0.15, 0.25)  # the shortest first; a device that runs dry gets the next
MAX_UNDERRUNS = 2
NEVER = math.inf
NOTHING = np.zeros(0, np.float32)


def now_s() -> float:
    """The clock of what is waited for here: how long a device stays open, when one is tried again."""
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class Heard:
    """What is heard at this moment. Seconds are those of the sound at 1x, from the beginning of the reading.

    `epoch` None: there is no reading. `segment_index` is the segment being heard, or the next to be;
    `word` its word, as offsets into the request's text. `is_waiting`: neither paused nor at the end, and yet
    silent, because the engine or the device is not ready. `first_sound_ms` is counted from `begin`.
    `problem` is why there is no device; the reading goes on where it was as soon as there is one. `missing` is the
    device that was chosen and is not there, while the default one plays in its place.
    """

    epoch: int | None = None
    segment_index: int | None = None
    word: tuple[int, int] | None = None
    position_s: float = 0.0
    segment_s: float = 0.0
    generated_s: float = 0.0
    is_waiting: bool = False
    is_finished: bool = False
    n_underruns: int = 0
    first_sound_ms: float | None = None
    problem: PlaybackError | None = None
    missing: str = ""


class Listener:
    """Any thread may call any method; none waits for a device or for the engine. `close` ends it.

    One lock holds the state. A thread of its own opens and closes devices, and fills the device's ring from the
    tape; what is to be silent at once is cut from the ring in the caller's thread.
    """

    def __init__(self, find_device: Callable[[str], OutputDevice] = find_output_device) -> None:
        self._find_device = find_device
        self._changed = threading.Condition()
        self._tape: Tape | None = None
        self._epoch: int | None = None
        self._begun_at = 0.0
        self._first_sound_ms: float | None = None
        self._is_paused = False
        self._speed = 1.0
        self._volume = 1.0
        # The runs of sound in the ring, the last one still growing; without any, `_place` is where to go on.
        self._feeds: list[SoundFeed] = []
        self._place = Place(0, 0)
        self._wants_new_feed = False
        self._jump: Place | None = None
        self._device_name = ""
        self._device_names: list[str] = []
        self._output: SoundOutput | None = None
        self._must_close = False
        self._wants_list = False
        self._missing = ""
        self._open_until = 0.0  # unless there is something to play
        self._opened_at = 0.0
        self._look_at = 0.0
        self._retry_at = 0.0
        self._latency_index = 0
        self._n_underruns = 0
        self._problem: PlaybackError | None = None
        self._is_closed = False
        # A daemon: a sound system that hangs does not keep the application from ending.
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        self._thread.start()

    # The reading

    def begin(self, epoch: int) -> None:
        """A new reading; what was playing is silenced, and events of other epochs are ignored from now on."""
        with self._changed:
            self._silence()
            self._tape, self._epoch, self._place = Tape(), epoch, Place(0, 0)
            self._begun_at, self._first_sound_ms = time.monotonic(), None
            self._is_paused = False
            self._retry_at = 0.0
            self._keep_open()
            self._changed.notify()

    def add(self, epoch: int, event: engine.SpeechEvent) -> None:
        with self._changed:
            if self._tape is None or epoch != self._epoch:
                return
            self._tape.add(event)
            if isinstance(event, engine.SegmentStarted):
                self._begin_again_at(Place(event.segment.index, 0))
            elif isinstance(event, engine.SegmentRestarted):
                self._begin_again_at(Place(event.segment, 0))
            self._changed.notify()

    def end(self, epoch: int) -> None:
        """No more events will come."""
        with self._changed:
            if self._tape is not None and epoch == self._epoch:
                self._tape.end()
                self._changed.notify()

    def pause(self) -> None:
        """Silent at once."""
        with self._changed:
            self._place = self._silence()
            self._is_paused = True
            self._changed.notify()

    def resume(self) -> None:
        """From the very sample at which it was paused."""
        with self._changed:
            self._is_paused = False
            self._retry_at = 0.0
            self._keep_open()
            self._changed.notify()

    def stop(self) -> None:
        """Silent at once, and the reading is forgotten."""
        with self._changed:
            self._silence()
            self._tape = self._epoch = self._problem = None
            self._is_paused = False
            self._changed.notify()

    def seek(self, segment_index: int) -> bool:
        """To the beginning of a segment. False when its sound was not begun yet, or is no longer kept."""
        with self._changed:
            if self._tape is None or not self._tape.holds(segment_index):
                return False
            self._jump = Place(segment_index, 0)
            self._keep_open()
            self._changed.notify()
            return True

    # The settings

    def set_speed(self, speed: float) -> None:
        """0.5 to 3, without a change of pitch; at once."""
        assert 0.5 <= speed <= 3, speed
        with self._changed:
            self._wants_new_feed |= speed != self._speed
            self._speed = speed
            self._changed.notify()

    def set_volume(self, volume: float) -> None:
        """0 to 1, the factor of the amplitude."""
        assert 0 <= volume <= 1, volume
        with self._changed:
            self._wants_new_feed |= volume != self._volume
            self._volume = volume
            self._changed.notify()

    def set_device(self, name: str) -> None:
        """One of `devices()`, or "" for the default, which also plays while the chosen one is not there."""
        with self._changed:
            if name != self._device_name:
                self._device_name, self._missing, self._problem, self._retry_at = name, "", None, 0.0
                self._must_close = self._output is not None
            self._changed.notify()

    def devices(self) -> list[str]:
        """The names of the outputs when they were last listed: soon after the start, at each opening and after
        each call."""
        with self._changed:
            self._wants_list = True
            self._changed.notify()
            return list(self._device_names)

    # What is heard

    def heard(self) -> Heard:
        """A snapshot, cheap enough to be asked for all the time."""
        with self._changed:
            n_underruns = self._n_underruns + (self._output.n_underruns if self._output else 0)
            tape = self._tape
            if tape is None:
                return Heard(n_underruns=n_underruns, problem=self._problem, missing=self._missing)
            place = tape.settle(self._jump or self._heard_place())
            is_known = tape.holds(place.segment)
            word = tape.word_at(place)
            is_finished = tape.is_end(place) and not self._is_sounding()
            if self._output is not None and self._feeds:  # who hears that it sounds hears since when
                self._note_first_sound(self._output, self._output.heard_samples())
            return Heard(
                epoch=self._epoch,
                segment_index=place.segment if is_known else None,
                word=(word.start, word.end) if word else None,
                position_s=tape.seconds_at(place),
                segment_s=place.sample / engine.SAMPLE_RATE_HZ,
                generated_s=tape.generated_s,
                is_waiting=not (self._is_paused or is_finished or self._is_sounding()),
                is_finished=is_finished,
                n_underruns=n_underruns,
                first_sound_ms=self._first_sound_ms,
                problem=self._problem,
                missing=self._missing,
            )

    def close(self) -> None:
        """Silence, and the end. It is not used afterwards."""
        with self._changed:
            self._silence()
            self._tape = None
            self._is_closed = True
            self._changed.notify()
        self._thread.join(2 * RETRY_S)

    def _heard_place(self) -> Place:
        if self._output is None or not self._feeds:
            return self._place
        return self._place_at(self._output.heard_samples())

    def _place_at(self, ring_position: int) -> Place:
        """On the tape; there is a feed."""
        began = [feed for feed in self._feeds if feed.ring_start <= ring_position]
        return (began[-1] if began else self._feeds[0]).place_at(ring_position)

    def _is_sounding(self) -> bool:
        if self._output is None or not self._feeds:
            return False
        return self._feeds[0].ring_start < self._output.heard_samples() < self._output.ring.written_samples

    def _note_first_sound(self, output: SoundOutput, heard: int) -> None:
        if self._first_sound_ms is None and heard > self._feeds[0].ring_start:
            self._first_sound_ms = 1000 * (output.heard_at(self._feeds[0].ring_start) - self._begun_at)

    # Changes of what is in the ring; the lock is held

    def _silence(self) -> Place:
        """Fade out what is in the ring, now; where on the tape that is."""
        place = self._jump or self._heard_place()
        output = self._output
        if output is not None and self._feeds:
            cut = output.ring.replace(0, NOTHING, round(FADE_S * output.device.rate_hz))
            output.expects_sound = False
            if output.delay_s > SLOW_DEVICE_S:
                self._must_close = True  # else it is not silent in time
            elif self._jump is None:
                place = self._place_at(cut)
        self._jump = None
        self._feeds = []
        return place

    def _begin_again_at(self, place: Place) -> None:
        """What was fed from `place` on is void."""
        if self._jump is not None:
            self._jump = min(self._jump, place)
        if not self._feeds:
            self._place = min(self._place, place)
        elif self._feeds[-1].next_place > place:
            assert self._tape is not None
            assert self._output is not None
            self._change_feed(self._tape, self._output, place)

    def _change_feed(self, tape: Tape, output: SoundOutput, limit: Place | None = None) -> None:
        """Feed anew, from `_jump` or from where the device is, though not from behind `limit`."""
        rate_hz, ring = output.device.rate_hz, output.ring
        blend_samples = round(BLEND_S * rate_hz)
        jump, self._jump = self._jump, None
        self._wants_new_feed = False
        while True:
            position = min(ring.consumed_samples + round(GUARD_S * rate_hz), ring.written_samples)
            start = jump or self._place_at(position)
            start = tape.settle(start if limit is None else min(start, limit))
            feed = SoundFeed(start, position, rate_hz, self._speed, self._volume, BLEND_S)
            samples = _read_at_least(2 * blend_samples, feed, tape)
            if ring.replace(position, samples, blend_samples) == position:
                break
            # The device was quicker: once more, from where it is now.
        # A jump is shown at once; else what is still on its way to the ear is that of the feeds before.
        self._feeds = [feed] if jump else [*self._feeds, feed]

    def _keep_open(self) -> None:
        self._open_until = now_s() + KEEP_OPEN_S

    # The thread

    def _run(self) -> None:
        self._list_devices()
        while True:
            with self._changed:
                if self._is_closed:
                    break
                is_behind = self._feed()
                device_work = self._device_work()
                if device_work is None and not is_behind:
                    self._changed.wait(self._nap_s())
            if device_work is not None:
                device_work()
        if self._output is not None:
            self._output.close()

    def _feed(self) -> bool:
        """Bring the ring one block further; whether there is more to do at once. The lock is held."""
        tape, output = self._tape, self._output
        if tape is None or self._is_paused or output is None or output.has_ended:
            return False
        self._look_back(tape, output)
        if self._feeds and (self._jump or self._wants_new_feed):
            self._change_feed(tape, output)
        self._wants_new_feed = False
        self._place, self._jump = self._jump or self._place, None
        if not self._feeds or self._feeds[-1].is_over:
            start = self._feeds[-1].next_place if self._feeds else self._place
            if not tape.has_sound_at(start):
                return False
            _write(output, output.preroll())
            ring_start = output.ring.written_samples
            feed = SoundFeed(tape.settle(start), ring_start, output.device.rate_hz, self._speed, self._volume)
            self._feeds.append(feed)
        return self._top_up(self._feeds[-1], tape, output)

    def _top_up(self, feed: SoundFeed, tape: Tape, output: SoundOutput) -> bool:
        """A block more from `feed`, or its end. Whether there is room for another."""
        ahead_s = output.ahead_s
        is_dry = not tape.has_sound_at(feed.next_place)
        if is_dry and (tape.is_end(feed.next_place) or ahead_s < SHORT_S):
            _write(output, feed.finish())
        elif ahead_s < AHEAD_S:
            _write(output, feed.read(tape))
        output.expects_sound = tape.has_sound_at(feed.next_place)
        return output.expects_sound and output.ahead_s < AHEAD_S

    def _look_back(self, tape: Tape, output: SoundOutput) -> None:
        """Forget what was heard: feeds, when all of theirs was, and the tape's distant past."""
        if not self._feeds:
            return
        self._keep_open()
        heard = output.heard_samples()
        self._note_first_sound(output, heard)
        tape.drop_before(self._place_at(heard), KEEP_S)
        while len(self._feeds) > 1 and self._feeds[1].ring_start <= heard:
            del self._feeds[0]
        if self._feeds[-1].is_over and heard == output.ring.written_samples:
            self._place = self._feeds[-1].next_place
            self._feeds = []

    def _nap_s(self) -> float | None:
        """How long nothing is to be done, unless somebody calls; None: for ever. The lock is held."""
        if self._output is None:
            return max(0.0, self._retry_at - now_s()) if self._wants_output() else None
        if self._feeds:
            return NAP_S / 2 if self._output.ahead_s < AHEAD_S / 2 else NAP_S
        return max(NAP_S, self._open_until - now_s())

    # Devices

    def _has_work(self) -> bool:
        """Whether there is sound that a device should be playing, or is."""
        tape, place = self._tape, self._jump or self._place
        return tape is not None and not self._is_paused and (bool(self._feeds) or tape.has_sound_at(place))

    def _wants_output(self) -> bool:
        """Whether a device should be open: with work always, however late that came; without it for a while."""
        tape, place = self._tape, self._jump or self._place
        if tape is None or self._is_paused or self._retry_at == NEVER:
            return False
        return self._has_work() or (now_s() < self._open_until and not tape.is_end(place))

    def _device_work(self) -> Callable[[], None] | None:
        """What is to be done without the lock, because it takes long. The lock is held."""
        output, now = self._output, now_s()
        if output is None:
            if self._wants_output() and now >= self._retry_at:
                return self._open
        elif output.has_ended or output.is_stalled:
            if self._has_work():  # else nobody misses it
                self._problem = PlaybackError("vanished" if output.has_ended else "stalled", detail=output.device.name)
            self._retry_at = self._opened_at + RETRY_S
            return self._take_away(output, output.surely_heard_samples())
        else:
            if output.n_underruns > MAX_UNDERRUNS and self._latency_index + 1 < len(LATENCIES_S):
                self._latency_index += 1
                self._must_close = True
            if self._must_close or (now >= self._open_until and not self._has_work()):
                return self._take_away(output, output.heard_samples())
            if self._device_name and now >= self._look_at and self._has_work():
                self._look_at = now + LOOK_S
                return self._look
        return self._list_devices if self._wants_list else None

    def _take_away(self, output: SoundOutput, heard_samples: int) -> Callable[[], None]:
        """Go on without `output`, of which so much was heard; how to close it."""
        if self._feeds:
            self._place = self._place_at(heard_samples)
        self._feeds = []
        self._n_underruns += output.n_underruns
        self._must_close = False
        self._output = None
        return output.close

    def _open(self) -> None:
        with self._changed:
            name, latency_s = self._device_name, LATENCIES_S[self._latency_index]
            self._opened_at = now_s()
        try:
            self._list_devices()
            output, missing = self._open_best(name, latency_s)
        except PlaybackError as error:
            with self._changed:
                self._problem = self._problem or error
                # A library is not installed while one waits; begin() tries again.
                self._retry_at = NEVER if error.problem == "no_library" else now_s() + RETRY_S
        else:
            with self._changed:
                self._output, self._problem = output, None
                self._look_at = now_s() + LOOK_S
                if name == self._device_name:
                    self._missing = missing
                else:
                    self._must_close = True

    def _open_best(self, name: str, latency_s: float) -> tuple[SoundOutput, str]:
        """The output called `name`, or the default and what is missing. Raises `PlaybackError`."""
        try:
            return SoundOutput(self._find_device(name), latency_s, self._wake), ""
        except PlaybackError:
            if not name:
                raise
        return SoundOutput(self._find_device(""), latency_s, self._wake), name

    def _look(self) -> None:
        """Whether the chosen device came back, or went away and its sound was moved to another."""
        with self._changed:
            name = self._device_name
        is_here = is_there(name)
        with self._changed:
            if is_here is None or name != self._device_name or is_here != bool(self._missing):
                return
            self._must_close = is_here  # what plays in its place
            self._missing = "" if is_here else name

    def _list_devices(self) -> None:
        """PortAudio lists them once; no stream is open here, so it can be made to list them anew."""
        names: list[str] = []
        with contextlib.suppress(PlaybackError):  # it is met again, and reported, when a device is wanted
            refresh_devices()
            names = output_names()
        with self._changed:
            self._device_names, self._wants_list = names, False

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()


def _read_at_least(n_samples: int, feed: SoundFeed, tape: Tape) -> np.ndarray:
    """From `feed`, unless the tape has less: float32 `(n,)`."""
    pieces = [NOTHING]
    while sum(piece.size for piece in pieces) < n_samples and tape.has_sound_at(feed.next_place):
        pieces.append(feed.read(tape))
    return np.concatenate(pieces)


def _write(output: SoundOutput, samples: np.ndarray) -> None:
    """There is always room: the ring holds far more than is written ahead."""
    n_written = output.ring.write(samples, timeout_s=0)
    assert n_written == samples.size, (n_written, samples.size)
