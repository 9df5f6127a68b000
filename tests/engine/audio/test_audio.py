"""Audio files: what is written is read back, exactly where the format can, and nothing half-written stays."""

import errno
import os
import resource
import subprocess
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import IO

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from engine import AudioFileError, OutputError
from engine.audio import AudioWriter, WavStream, read_audio
from engine.audio.encoding import OUTPUT_ENDINGS
from engine.audio.resampling import StreamResampler, resample
from engine.machine.process_memory import resident_bytes

RATE_HZ = 44_100


@pytest.fixture
def chirp() -> np.ndarray:
    """Three seconds from 100 to 3000 Hz, an odd number of samples: no shift of it looks like itself."""
    t = np.arange(3 * RATE_HZ + 17) / RATE_HZ
    return (0.5 * np.sin(2 * np.pi * (100 * t + 2900 / 6 * t**2))).astype(np.float32)


def write(path: Path, samples: np.ndarray, chunk: int = 5001) -> None:
    with AudioWriter(path) as writer:
        for start in range(0, samples.size, chunk):
            writer.write(samples[start : start + chunk])


@pytest.mark.parametrize("ending", [".wav", ".flac"])
def test_lossless_formats_give_back_every_sample(tmp_path: Path, chirp: np.ndarray, ending: str) -> None:
    write(tmp_path / f"a{ending}", chirp)
    back = read_audio(tmp_path / f"a{ending}")
    assert back.shape == chirp.shape
    assert np.abs(back - chirp).max() <= 0.51 / 32768


@pytest.mark.parametrize(("ending", "tolerance"), [(".mp3", 0.03), (".opus", 0.03), (".ogg", 0.03)])
def test_lossy_formats_keep_length_and_place(tmp_path: Path, chirp: np.ndarray, ending: str, tolerance: float) -> None:
    write(tmp_path / f"a{ending}", chirp)
    back = read_audio(tmp_path / f"a{ending}")
    assert abs(back.size - chirp.size) <= 1  # Opus counts at 48 kHz
    middle = slice(2000, 120_000)  # a shift of one sample at 2.5 kHz would be an error of 0.17
    assert np.abs(back[: chirp.size - 1][middle] - chirp[:-1][middle]).max() < tolerance


@pytest.mark.parametrize("ending", OUTPUT_ENDINGS)
def test_the_same_samples_give_the_same_bytes_however_they_are_cut(
    tmp_path: Path, chirp: np.ndarray, ending: str
) -> None:
    write(tmp_path / f"a{ending}", chirp, chunk=chirp.size)
    write(tmp_path / f"b{ending}", chirp, chunk=777)
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.parametrize("ending", [".wav", ".flac"])
def test_too_loud_samples_are_limited_and_do_not_wrap(tmp_path: Path, ending: str) -> None:
    write(tmp_path / f"a{ending}", np.array([1.0, 1.5, 99.0, -1.0, -1.5, -99.0], np.float32))
    top, bottom = 32767 / 32768, -1.0
    np.testing.assert_allclose(read_audio(tmp_path / f"a{ending}"), [top, top, top, bottom, bottom, bottom])


def test_memory_stays_flat_over_ten_minutes(tmp_path: Path) -> None:
    second = np.random.default_rng(0).uniform(-0.5, 0.5, RATE_HZ).astype(np.float32)
    with AudioWriter(tmp_path / "a.wav") as writer:
        for _ in range(10):
            writer.write(second)
        before = resident_bytes()
        for _ in range(590):
            writer.write(second)
        after = resident_bytes()
    if before is None or after is None:
        pytest.skip("this system does not tell a process's memory")
    assert after - before < 4e6  # the file has 52 MB


def test_the_wav_is_read_by_the_standard_library(tmp_path: Path, chirp: np.ndarray) -> None:
    write(tmp_path / "a.wav", chirp)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
        assert file.getnframes() == chirp.size


def test_a_wav_stream_can_be_read_although_it_states_no_length(tmp_path: Path, chirp: np.ndarray) -> None:
    with (tmp_path / "piped.wav").open("wb") as file, subprocess.Popen(["cat"], stdin=PIPE, stdout=file) as cat:
        assert cat.stdin is not None
        with cat.stdin as pipe, WavStream(pipe, "a pipe") as stream:
            stream.write(chirp)
    assert cat.returncode == 0
    assert np.abs(read_audio(tmp_path / "piped.wav") - chirp).max() <= 0.51 / 32768


def test_a_broken_pipe_is_the_callers_own_error(chirp: np.ndarray) -> None:
    def speak_into(pipe: IO[bytes]) -> None:
        with WavStream(pipe, "a pipe") as stream:
            stream.write(chirp)

    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb", buffering=0) as pipe, pytest.raises(BrokenPipeError):
        speak_into(pipe)


def test_a_new_file_has_the_permissions_of_the_umask(tmp_path: Path, chirp: np.ndarray) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.wav", chirp)
    finally:
        os.umask(before)
    assert (tmp_path / "a.wav").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("ending", OUTPUT_ENDINGS)
def test_an_exception_leaves_the_folder_as_it_was(
    tmp_path: Path, chirp: np.ndarray, ending: str, error: type[BaseException]
) -> None:
    old = tmp_path / f"old{ending}"
    old.write_bytes(b"precious")

    def write_and_raise(path: Path) -> None:
        with AudioWriter(path) as writer:
            writer.write(chirp)
            raise error

    for path in (old, tmp_path / f"new{ending}"):
        with pytest.raises(error):
            write_and_raise(path)
    assert [file.name for file in tmp_path.iterdir()] == [old.name]
    assert old.read_bytes() == b"precious"


def test_a_link_is_followed_not_replaced(tmp_path: Path, chirp: np.ndarray) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.wav"
    link.symlink_to(tmp_path / "real" / "a.wav")
    write(link, chirp)
    assert link.is_symlink()
    assert [file.name for file in (tmp_path / "real").iterdir()] == ["a.wav"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a.xyz", "format"),
        ("a", "format"),
        ("missing/a.wav", "folder_missing"),
        ("file/a.wav", "folder_missing"),
        ("folder.wav", "is_folder"),
        ("fifo.wav", "not_allowed"),
        ("n" * 300 + ".wav", "failed"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_the_work(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "fifo.wav")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(OutputError) as caught, AudioWriter(tmp_path / name):
        pytest.fail("the block was entered")
    assert caught.value.problem == problem
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("ending", OUTPUT_ENDINGS)
def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path, ending: str) -> None:
    noise = np.random.default_rng(0).uniform(-0.9, 0.9, 30 * RATE_HZ).astype(np.float32)
    with no_file_beyond(20_000), pytest.raises(OutputError) as caught:
        write(tmp_path / f"a{ending}", noise)
    assert caught.value.problem == "disk_full"
    assert caught.value.detail == os.strerror(errno.EFBIG)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def no_file_beyond(n_bytes: int) -> Iterator[None]:
    """The kernel refuses to let any file of this process grow larger, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def write_with_ffmpeg(path: Path, container: str, codec: str, rate_hz: int, layout: str, fmt: str) -> None:
    """A second of 440 Hz in every channel."""
    n_channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    tone = 0.25 * np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz)
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate_hz, layout=layout)
        assert isinstance(stream, AudioStream)
        resampler = av.AudioResampler(format=fmt, layout=layout, rate=rate_hz)
        frame = av.AudioFrame.from_ndarray(np.tile(tone, (n_channels, 1)).astype(np.float32), "fltp", layout)
        frame.sample_rate = rate_hz
        for piece in [*resampler.resample(frame), None]:
            output.mux(list(stream.encode(piece)))


@pytest.mark.parametrize(
    ("container", "codec", "rate_hz", "layout", "fmt"),
    [
        ("wav", "pcm_u8", 8_000, "mono", "u8"),
        ("wav", "pcm_s24le", 96_000, "stereo", "s32"),
        ("wav", "pcm_f64le", 48_000, "5.1", "dbl"),
        ("mp4", "aac", 48_000, "stereo", "fltp"),
        ("mp3", "libmp3lame", 22_050, "stereo", "fltp"),
    ],
)
def test_any_format_becomes_44100_hz_mono(
    tmp_path: Path, container: str, codec: str, rate_hz: int, layout: str, fmt: str
) -> None:
    path = tmp_path / "recording"
    write_with_ffmpeg(path, container, codec, rate_hz, layout, fmt)
    samples = read_audio(path)
    assert samples.dtype == np.float32
    assert abs(samples.size - RATE_HZ) <= 2100  # AAC pads its last frame
    middle = samples[5000:38_000]
    assert np.abs(middle).max() == pytest.approx(0.25, abs=0.02)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size)))
    assert np.argmax(spectrum) * RATE_HZ / middle.size == pytest.approx(440, abs=2)


def test_a_recording_that_cannot_be_read_says_why(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("no sound at all " * 99)
    (tmp_path / "folder.wav").mkdir()
    write(tmp_path / "zero.wav", np.zeros(0, np.float32))
    write(tmp_path / "whole.flac", np.zeros(RATE_HZ, np.float32))
    (tmp_path / "cut.flac").write_bytes((tmp_path / "whole.flac").read_bytes()[:30])
    with av.open(str(tmp_path / "silent.mp4"), "w") as output:
        stream = output.add_stream("mpeg4", rate=25, width=64, height=64, pix_fmt="yuv420p")
        output.mux(list(stream.encode(av.VideoFrame(64, 64, "yuv420p"))))
        output.mux(list(stream.encode(None)))
    expected = {
        "missing.wav": "missing",
        "empty.wav": "empty",
        "zero.wav": "empty",
        "text.wav": "unreadable",
        "folder.wav": "unreadable",
        "cut.flac": "unreadable",
        "silent.mp4": "no_audio",
    }
    found = {}
    for name in expected:
        with pytest.raises(AudioFileError) as caught:
            read_audio(tmp_path / name)
        found[name] = caught.value.problem
    assert found == expected
    assert capfd.readouterr() == ("", "")  # FFmpeg itself keeps quiet


def test_a_playlist_opens_no_other_file(tmp_path: Path, chirp: np.ndarray) -> None:
    write(tmp_path / "secret.mp3", chirp)
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{}\n#EXT-X-ENDLIST\n"
    for address in (tmp_path / "secret.mp3", "http://127.0.0.1:9/a.mp3"):
        (tmp_path / "a.wav").write_text(playlist.format(address))
        with pytest.raises(AudioFileError, match="unreadable"):
            read_audio(tmp_path / "a.wav")


def test_a_name_that_is_no_unicode_is_a_name(tmp_path: Path, chirp: np.ndarray) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.wav")
    write(path, chirp)
    assert read_audio(path).size == chirp.size


def test_resampling_in_chunks_is_resampling_at_once(chirp: np.ndarray) -> None:
    stream = StreamResampler(RATE_HZ, 48_000)
    pieces = [stream.push(chirp[start : start + 997]) for start in range(0, chirp.size, 997)]
    chunked = np.concatenate([*pieces, stream.flush()])
    whole = resample(chirp, RATE_HZ, 48_000)
    assert abs(chunked.size - whole.size) <= 1
    n = min(chunked.size, whole.size) - 200
    assert np.abs(chunked[200:n] - whole[200:n]).max() < 0.005
