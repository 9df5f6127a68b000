"""How soon speech-dispatcher's modules answer: Lectern's beside espeak-ng's own, in one run, each driven as the daemon
drives it. Prints tables for RESULTS.md.

    python tests/bench/speechd.py [--times 50] [--mixed 10000]

Nothing is played: what is measured is the first sound that a module gives, which the daemon then plays.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ESPEAK = Path("/usr/lib/speech-dispatcher-modules/sd_espeak-ng")
ESPEAK_CONFIGURATION = "/etc/speech-dispatcher/modules/espeak-ng.conf"
LECTERN = [sys.executable, "-P", "-m", "desktop.speech_dispatcher"]
TEXTS = {
    "key": ("KEY", "a"),
    "word": ("SPEAK", "<speak>Settings</speak>"),
    "sentence": ("SPEAK", "<speak>The night train leaves at seven, and most of us had booked our seats.</speak>"),
}
ENDS: tuple[bytes, ...] = (b"702 END\n", b"703 STOP\n", b"704 PAUSE\n")


class Module:
    """A module's process and its pipes; reads on its own account, as fast as it can."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.began_s = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        self.send("INIT")
        self.until(b"299 OK LOADED SUCCESSFULLY\n")
        self.send("AUDIO", "audio_output_method=server", ".")
        self.until(b"203 OK AUDIO INITIALIZED\n")
        self.send("SET", "rate=0", "volume=100", "language=en", "voice=male1", "punctuation_mode=none", ".")
        self.until(b"203 OK SETTINGS RECEIVED\n")
        self.ready_s = time.perf_counter() - self.began_s

    def send(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self.process.stdin.flush()

    def line(self) -> bytes:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the module has ended"
        return line

    def until(self, *ends: bytes) -> bytes:
        while (line := self.line()) not in ends:
            pass
        return line

    def first_sound_ms(self, kind: str, text: str) -> float:
        """From the request to its first sound; the rest is stopped."""
        began_s = time.perf_counter()
        self.send(kind, text, ".")
        while not self.line().startswith((b"705-AUDIO", b"705 AUDIO\0")):
            pass
        found_ms = 1000 * (time.perf_counter() - began_s)
        self.send("STOP")
        self.until(*ENDS)
        return found_ms

    def stop_ms(self) -> float:
        """From STOP in the middle of a sentence to the module's word that it is silent."""
        self.send(TEXTS["sentence"][0], TEXTS["sentence"][1] * 5, ".")
        for _ in range(5):
            while not self.line().startswith((b"705-AUDIO", b"705 AUDIO\0")):
                pass
        began_s = time.perf_counter()
        self.send("STOP")
        self.until(*ENDS)
        return 1000 * (time.perf_counter() - began_s)

    def memory_mb(self) -> float:
        return _memory_mb(self.process.pid)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def show(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _memory_mb(pid: int) -> float:
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))[0]) / 1024


@contextmanager
def running_lectern(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-P", "-m", "desktop", "--background"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    socket = Path(environment["XDG_RUNTIME_DIR"], "lectern/speech")
    while not socket.exists():
        assert process.poll() is None, "Lectern did not start"
        time.sleep(0.05)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def measure(name: str, command: list[str], environment: dict[str, str], times: int) -> None:
    cold: dict[str, list[float]] = {what: [] for what in TEXTS}
    ready_ms = []
    for _ in range(max(3, times // 10)):
        for what, (kind, text) in TEXTS.items():
            module = Module(command, environment)
            ready_ms.append(1000 * module.ready_s)
            cold[what].append(module.first_sound_ms(kind, text))
            module.close()
    module = Module(command, environment)
    for kind, text in TEXTS.values():
        module.first_sound_ms(kind, text)
    warm = {what: [module.first_sound_ms(*asked) for _ in range(times)] for what, asked in TEXTS.items()}
    stops = [module.stop_ms() for _ in range(times)]
    columns = [f"{statistics.median(cold[what]):.1f}, {statistics.median(warm[what]):.1f}" for what in TEXTS]
    worst = [f"{max(warm[what]):.0f}" for what in TEXTS]
    show(
        f"| {name} | {' | '.join(columns)} | {', '.join(worst)} | {statistics.median(stops):.1f}, {max(stops):.0f} |"
        f" {statistics.median(ready_ms):.0f} | {module.memory_mb():.0f} |"
    )
    module.close()


def mixed(environment: dict[str, str], lectern: subprocess.Popen[bytes], n_requests: int) -> None:
    """Keys, words, sentences, stops at any moment: counts how each ended."""
    draw, module = random.Random(5), Module(LECTERN, environment)
    ended: dict[bytes, int] = dict.fromkeys(ENDS, 0)
    module.first_sound_ms(*TEXTS["sentence"])
    before = module.memory_mb(), _memory_mb(lectern.pid)
    began_s = time.perf_counter()
    for _ in range(n_requests):
        kind, text = draw.choice(list(TEXTS.values()))
        module.send(kind, text, ".")
        module.until(b"200 OK SPEAKING\n")
        if draw.random() < 0.7:
            for _ in range(draw.randrange(8)):
                module.line()
            module.send("STOP")
        ended[module.until(*ENDS)] += 1
    words = ", ".join(f"{end.decode().strip()} {n}" for end, n in ended.items())
    show(
        f"\n{n_requests} mixed requests in {time.perf_counter() - began_s:.0f} s: {words}; memory of the module "
        f"{before[0]:.0f} MB before, {module.memory_mb():.0f} after; of Lectern {before[1]:.0f} and "
        f"{_memory_mb(lectern.pid):.0f}; files open in Lectern {len(list(Path(f'/proc/{lectern.pid}/fd').iterdir()))}"
    )
    module.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--mixed", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        Path(home, "run").mkdir(mode=0o700)
        kept = {key: value for key, value in os.environ.items() if not key.startswith("XDG_") and "DISPLAY" not in key}
        environment = kept | {"HOME": home, "XDG_RUNTIME_DIR": f"{home}/run"}
        load = os.getloadavg()[0]
        show(f"Load before: {load:.1f} on {os.cpu_count()} processors; medians of {arguments.times}, ms.\n")
        show("| module | key: cold, warm | word | sentence | slowest warm | stop: median, slowest | ready | MB |")
        show("|---|---|---|---|---|---|---|---|")
        if ESPEAK.exists():
            measure("espeak-ng's own", [str(ESPEAK), ESPEAK_CONFIGURATION], environment, arguments.times)
        measure("Lectern's, by itself", LECTERN, environment, arguments.times)
        with running_lectern(environment | {"QT_QPA_PLATFORM": "offscreen"}) as lectern:
            measure("Lectern's, with Lectern", LECTERN, environment, arguments.times)
            if arguments.mixed:
                mixed(environment, lectern, arguments.mixed)
        show(f"\nLoad after: {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
