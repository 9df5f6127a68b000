"""Write a checkpoint folder of S1 Mini's full sizes with random weights: `python tests/random_checkpoint.py FOLDER`.

3.6 GB in the published format; `lectern say TEXT --checkpoint FOLDER` then speaks noise.
"""

import argparse
from pathlib import Path

from engine.s1.checkpoint.random_weights import write_random_checkpoint

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write a random checkpoint of S1 Mini's sizes.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    write_random_checkpoint(arguments.folder, seed=arguments.seed)
