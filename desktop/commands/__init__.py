"""The commands of `lectern`, one a file."""
