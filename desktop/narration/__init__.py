"""Narration on this side of the door: its words, the thread that works, and the parts of its window."""
