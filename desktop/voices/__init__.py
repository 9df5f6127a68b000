"""The pages of the voices' window."""
