"""Holds the sentences for errors, a file for each subject, in two tables each.

`AT_PROMPT`: (kind of error, its `problem`) -> sentence and remedy, with the error's fields by name.
`IN_A_WINDOW`: the same -> what helps in a window, and the button that does it, where the remedy is something to type.
"""
