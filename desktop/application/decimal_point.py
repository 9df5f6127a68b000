"""The decimal point of C's libraries, which Qt would make the comma of most languages.

A QApplication takes the person's locale on for the whole process. With a comma in it FFmpeg takes "1.5" for no number,
so that nothing could be played at another speed or resampled, and measures a loudness of "-17,6".
"""

from __future__ import annotations

import locale


def keep_decimal_point() -> None:
    """Keep the point in the numbers of C. Call it once the QApplication is there, and before the first thread. What
    people see is written by QLocale, which this does not touch."""
    locale.setlocale(locale.LC_NUMERIC, "C")
