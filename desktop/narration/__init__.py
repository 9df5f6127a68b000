"""Narrates books in the background: the window, the thread that works, and the words."""
