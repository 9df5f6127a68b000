"""What a person may want to know of Lectern itself: its keys, its version, whose work it is made of."""
