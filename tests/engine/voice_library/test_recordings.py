"""Recordings as other people's programs write them: any rate, any number of channels, any format; and those that lie.

What once ended the process (a crash in FFmpeg's binding) is read in a process of its own, so that it fails a test.
"""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from desktop.common.messages import explain
from engine import AudioFileError
from engine.audio import read_audio
from engine.audio.decoding import decode_audio
from engine.voice_library.recordings import check_recording_file, sound_of_samples
from engine.voice_library.sound import from_flac

TONE_HZ = 440
PEAK = 0.25
_SAMPLE_TYPES = {(1, 16): "<i2", (1, 24): "<i4", (1, 32): "<i4", (3, 32): "<f4", (3, 64): "<f8"}
EXTENSIBLE = 0xFFFE
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def wav(
    rate_hz: int, n_channels: int = 1, bits: int = 16, code: int = 1, n: int = 8_000, *, has_mask: bool = False
) -> bytes:
    """440 Hz in every channel. `code` 1 is integers, 3 is floats; with a mask, the one that names no place."""
    sound = PEAK * np.sin(2 * np.pi * TONE_HZ * np.arange(n) / max(rate_hz, 1))
    scale = 1.0 if code == 3 else 2.0 ** (bits - 1) - 1
    samples = np.repeat((sound * scale)[:, None], n_channels, axis=1).astype(_SAMPLE_TYPES[code, bits])
    data = samples.tobytes() if bits != 24 else samples.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    block = n_channels * bits // 8
    tag = EXTENSIBLE if has_mask else code
    form = struct.pack("<HHIIHH", tag, n_channels, rate_hz, min(rate_hz * block, 2**32 - 1), block, bits)
    if has_mask:
        form += struct.pack("<HHIH", 22, bits, 0, code) + GUID_TAIL
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def encode(path: Path, container: str, codec: str, sample_format: str, layout: str, **options: str) -> None:
    """The same tone by FFmpeg, a second of it at 48 kHz."""
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=48_000, layout=layout)
        assert isinstance(stream, AudioStream)
        stream.codec_context.format = sample_format
        stream.codec_context.options = options
        tone = (PEAK * np.sin(2 * np.pi * TONE_HZ * np.arange(48_000) / 48_000)).astype(np.float32)
        packed = np.repeat(tone, stream.codec_context.layout.nb_channels)[None]
        frame = av.AudioFrame.from_ndarray(packed, "flt", layout)
        frame.sample_rate = 48_000
        to_codec = av.AudioResampler(format=sample_format, layout=layout, rate=48_000)
        for piece in [*to_codec.resample(frame), *to_codec.resample(None), None]:
            output.mux(list(stream.encode(piece)))


def read_apart(paths: list[Path]) -> dict[str, tuple[int, float, float]]:
    """Read each in one other process: its samples at 44.1 kHz, the middle's peak, and the loudest frequency."""
    script = """
import sys
from pathlib import Path
import numpy as np
from engine.audio import read_audio
for name in sys.argv[1:]:
    samples = read_audio(Path(name))
    middle = samples[samples.size // 4 : -samples.size // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size), 1 << 17))
    print(Path(name).name, samples.size, np.abs(middle).max(), np.argmax(spectrum) * 44_100 / (1 << 17), flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, paths)],
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    found = [line.split() for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"{done.returncode} at {paths[len(found)]}: {done.stderr[-500:]}"
    return {name: (int(size), float(peak), float(hz)) for name, size, peak, hz in found}


@pytest.mark.slow
def test_wav_files_of_any_number_of_channels(tmp_path: Path) -> None:
    for n_channels in (1, 2, 3, 7, 8, 9, 16, 32, 63, 64):
        for code, bits in _SAMPLE_TYPES:
            for has_mask in (False, True):
                path = tmp_path / f"{n_channels}-{code}-{bits}-{has_mask}.wav"
                path.write_bytes(wav(48_000, n_channels, bits, code, has_mask=has_mask))
    paths = sorted(tmp_path.iterdir())
    assert len(paths) == 100
    for name, (size, peak, hz) in read_apart(paths).items():
        assert (name, size) == (name, 7350)
        assert peak == pytest.approx(PEAK, abs=0.001), name
        assert hz == pytest.approx(TONE_HZ, abs=2), name


LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1", 16: "hexadecagonal", 24: "22.2"}
# Ending, container, codec, its samples, the channels that it can hold.
FORMATS = [
    ("flac", "flac", "flac", "s16", (1, 2, 6, 8)),
    ("24.flac", "flac", "flac", "s32", (1, 8)),
    ("aac.m4a", "ipod", "aac", "fltp", (1, 2, 6, 8, 16)),
    ("alac.m4a", "ipod", "alac", "s16p", (1, 2, 6)),
    ("opus", "ogg", "libopus", "flt", (1, 2, 6, 8)),
    ("255.opus", "ogg", "libopus", "flt", (16, 24)),
    ("pcm.mkv", "matroska", "pcm_s16le", "s16", (1, 8, 16, 24)),
    ("aiff", "aiff", "pcm_s16be", "s16", (1, 2, 6, 8, 16)),
    ("caf", "caf", "pcm_f32be", "flt", (1, 2, 8, 16, 24)),
    ("24.caf", "caf", "pcm_s24be", "s32", (1, 8)),
    ("mov", "mov", "pcm_s16le", "s16", (1, 8, 16)),
    ("wv", "wv", "wavpack", "fltp", (1, 8, 16, 24)),
    ("tta", "tta", "tta", "s16", (1, 8, 16)),
    ("w64", "w64", "pcm_f64le", "dbl", (1, 8, 24)),
]


@pytest.mark.slow
def test_every_format_of_any_number_of_channels(tmp_path: Path) -> None:
    """Eight in AIFF, CAF and MOV come in an order of the file's own; planar ones need more than a frame's pointers."""
    for ending, container, codec, sample_format, counts in FORMATS:
        for n_channels in counts:
            options = {"mapping_family": "255"} if ending == "255.opus" else {}
            path = tmp_path / f"{n_channels}.{ending}"
            encode(path, container, codec, sample_format, LAYOUTS[n_channels], **options)
    paths = sorted(tmp_path.iterdir())
    assert len(paths) == sum(len(counts) for *_, counts in FORMATS)
    for name, (size, peak, hz) in read_apart(paths).items():
        assert abs(size - 44_100) <= 1100, name  # AAC pads its last frame
        assert peak == pytest.approx(PEAK, abs=0.04), name
        assert hz == pytest.approx(TONE_HZ, abs=1), name


@pytest.mark.parametrize("rate_hz", [8_000, 11_127, 44_101, 48_001, 383_999, 384_000])
def test_a_header_with_an_odd_rate_is_believed(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "odd.wav"
    path.write_bytes(wav(rate_hz))
    samples = read_audio(path)
    assert samples.size == -(-8_000 * 44_100 // rate_hz)
    expected = PEAK * np.sin(2 * np.pi * TONE_HZ * np.arange(samples.size) / 44_100)
    middle = slice(samples.size // 4, -samples.size // 4)
    assert np.abs(samples[middle] - expected[middle]).max() < 0.001


@pytest.mark.parametrize("rate_hz", [1, 999, 7_999, 384_001, 2_000_000_000])
def test_a_header_that_lies_about_the_rate_is_refused(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "lie.wav"
    path.write_bytes(wav(rate_hz))
    for read in (lambda: read_audio(path), lambda: check_recording_file(path)):
        with pytest.raises(AudioFileError) as caught:
            read()
        assert (caught.value.problem, caught.value.detail) == ("rate", f"{rate_hz:,} Hz")
    assert f"claims a sample rate of {rate_hz:,} Hz" in str(explain(caught.value))


@pytest.mark.parametrize("n_channels", [65, 200])
def test_too_many_channels_are_refused(tmp_path: Path, n_channels: int) -> None:
    path = tmp_path / "many.wav"
    path.write_bytes(wav(48_000, n_channels, n=500))
    with pytest.raises(AudioFileError) as caught:
        read_audio(path)
    assert (caught.value.problem, caught.value.detail) == ("channels", str(n_channels))
    assert f"has {n_channels} channels; at most 64" in str(explain(caught.value))


@pytest.mark.slow
def test_small_files_need_little_memory(tmp_path: Path) -> None:
    """Each in a process that tells its peak: 16 kB at 44 101 Hz asked for 7.8 GB once. Also an hour of silence in a
    small FLAC file, of which only ten seconds are allowed."""
    for rate_hz in (44_100, 44_101, 48_001, 11_127, 2_000_000_000):
        (tmp_path / f"{rate_hz}.wav").write_bytes(wav(rate_hz))
    hour = tmp_path / "hour.flac"
    with av.open(str(hour), "w") as output:
        stream = output.add_stream("flac", rate=8_000, layout="mono")
        assert isinstance(stream, AudioStream)
        for _ in range(600):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 6 * 8_000), np.int16), "s16", "mono")
            frame.sample_rate = 8_000
            output.mux(list(stream.encode(frame)))
        output.mux(list(stream.encode(None)))
    assert hour.stat().st_size < 1_000_000
    script = """
import resource, sys
from pathlib import Path
from engine import AudioFileError
from engine.audio.decoding import decode_audio
try:
    with open(sys.argv[1], "rb") as file:
        decode_audio(file, Path("a"), max_s=10)
except AudioFileError as error:
    print(error.problem, end=" ")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
"""
    peaks_mb: dict[str, float] = {}
    for path in sorted(tmp_path.iterdir()):
        command = [sys.executable, "-c", script, str(path)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=120)
        *problem, peak_mb = done.stdout.split()
        assert problem == {"hour": ["too_long"], "2000000000": ["rate"]}.get(path.stem, []), path
        peaks_mb[path.stem] = float(peak_mb)
    assert max(peaks_mb.values()) < min(peaks_mb.values()) + 40, peaks_mb


def test_a_voice_keeps_a_recording_that_flac_cannot_count(tmp_path: Path) -> None:
    """FLAC knows 99 990 Hz and not 99 991: what it cannot say is resampled, by so little."""
    path = tmp_path / "odd.wav"
    path.write_bytes(wav(99_991, n=99_991 * 5))
    sound, _ = check_recording_file(path)
    from_microphone = sound_of_samples(decode_audio(io.BytesIO(path.read_bytes()), path, None), 99_991)
    for kept in (sound, from_microphone):
        assert kept.rate_hz == 99_990
        assert kept.seconds == pytest.approx(5, abs=0.001)
        samples, rate_hz = from_flac(kept.flac, "voice", None)
        assert rate_hz == 99_990
        assert np.abs(samples - kept.samples).max() < 1e-4


def test_a_codec_that_nobody_knows_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "unknown.wav"
    whole = bytearray(wav(48_000))
    whole[20:22] = struct.pack("<H", 0x7777)  # a format tag that FFmpeg has no codec for
    path.write_bytes(bytes(whole))
    with pytest.raises(AudioFileError) as caught:
        read_audio(path)
    assert caught.value.problem == "unreadable"
