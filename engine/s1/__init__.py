"""OpenAudio S1 Mini, written from its specification: text and reference codes in, codes and samples out."""
