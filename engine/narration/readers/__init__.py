"""One file for each format: `read(path, data, footnotes) -> Document`, raising `DocumentError`."""
