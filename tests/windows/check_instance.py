"""On Windows: a second start shows the window of the first, and ends; a killed one is in nobody's way."""

import sys

assert sys.platform == "win32"

from tools import lectern, running_lectern, settings, start_lectern, status, wait_for, window_of

settings()
first = start_lectern("--background")
assert window_of(first.pid) is None
assert lectern().returncode == 0
wait_for(lambda: window_of(first.pid))
assert first.poll() is None
first.kill()
first.wait(60)
assert status() == {}
with running_lectern() as second:
    wait_for(lambda: window_of(second.pid))
print("check_instance: well")
