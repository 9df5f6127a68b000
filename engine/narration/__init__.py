"""Documents become chapters, segments, kept sound and an audiobook."""
