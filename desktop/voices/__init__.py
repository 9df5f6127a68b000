"""Keeps, records and improvises voices: the window, its controllers and their state."""
