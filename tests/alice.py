"""A few paragraphs of "Alice's Adventures in Wonderland" by Lewis Carroll (1865, in the public domain)."""

TITLE = "Alice’s Adventures in Wonderland"
AUTHOR = "Lewis Carroll"

CHAPTERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "CHAPTER I. Down the Rabbit-Hole",
        (
            "Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do: "
            "once or twice she had peeped into the book her sister was reading, but it had no pictures or "
            "conversations in it, “and what is the use of a book,” thought Alice “without pictures or conversations?”",
            "So she was considering in her own mind (as well as she could, for the hot day made her feel very sleepy "
            "and stupid), whether the pleasure of making a daisy-chain would be worth the trouble of getting up and "
            "picking the daisies, when suddenly a White Rabbit with pink eyes ran close by her.",
            "There was nothing so very remarkable in that; nor did Alice think it so very much out of the way to "
            "hear the Rabbit say to itself, “Oh dear! Oh dear! I shall be late!”",
        ),
    ),
    (
        "CHAPTER II. The Pool of Tears",
        (
            "“Curiouser and curiouser!” cried Alice (she was so much surprised, that for the moment she quite forgot "
            "how to speak good English); “now I’m opening out like the largest telescope that ever was! Good-bye, "
            "feet!”",
            "And she went on planning to herself how she would manage it. “They must go by the carrier,” she thought; "
            "“and how funny it’ll seem, sending presents to one’s own feet! And how odd the directions will look!”",
        ),
    ),
    (
        "CHAPTER III. A Caucus-Race and a Long Tale",
        (
            "They were indeed a queer-looking party that assembled on the bank—the birds with draggled feathers, the "
            "animals with their fur clinging close to them, and all dripping wet, cross, and uncomfortable.",
            "The first question of course was, how to get dry again: they had a consultation about this, and after a "
            "few minutes it seemed quite natural to Alice to find herself talking familiarly with them, as if she had "
            "known them all her life.",
        ),
    ),
)

CHAPTER_TITLES = tuple(title for title, _ in CHAPTERS)
CHAPTER_TEXTS = tuple("\n\n".join((title, *paragraphs)) for title, paragraphs in CHAPTERS)
