"""One file for each format: `read(path, data) -> Document`, raising `DocumentError`."""
