"""From a prompt to frames of codes: one loop for all rows, over the backends that compute a frame."""
