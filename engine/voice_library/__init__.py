"""The voices that a person keeps: one file each, checked, listed, renamed, carried to another computer."""
