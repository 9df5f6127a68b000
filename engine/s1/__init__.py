"""OpenAudio S1 Mini, written from its specification: text and reference codes in, codes and samples out.

Four rooms, each of which knows only those after it: `decode`, `checkpoint`, `native`, `model`.
"""
