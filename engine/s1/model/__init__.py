"""The model itself: layers, transformer and codec as the specification states them. It knows no files."""
