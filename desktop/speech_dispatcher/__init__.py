"""The module that lets speech-dispatcher speak with Lectern: a small program of its own, which that daemon starts.

It speaks the daemon's protocol on standard input and output, says short things itself, at once, with espeak-ng, and has
the running Lectern say the rest (`desktop/speech/speech_socket.py`). No Qt and no PyTorch here.
"""
