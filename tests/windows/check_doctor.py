"""On Windows: the doctor finds the voices well (the natural one computes with onnxruntime), and tells what lacks."""

import sys

assert sys.platform == "win32"

from tools import lectern

done = lectern("doctor")
said = done.stdout.decode()
findings = {line[4:].partition(": ")[0].strip(): line for line in said.splitlines()}
assert done.returncode == 0, (done.returncode, said, done.stderr)
assert "sound output" in findings, (said, done.stderr)
assert findings["built-in voice"].startswith("ok"), said
assert "hibari" in findings["built-in voice"], said
assert findings["resampling"].startswith("ok"), said
assert findings["PyTorch"].startswith("--"), said
assert "lectern install-pytorch" in said, said
assert findings["PortAudio"].startswith("ok"), said
assert "sudo" not in said, said  # what is advised is for this system
print("check_doctor: well")
