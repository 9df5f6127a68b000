"""A checkpoint folder, read strictly, becomes models; or random weights in its place."""
