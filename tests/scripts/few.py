"""Runs a script with MNIST divided smaller, in a process of its own: `python few.py FIT VALIDATION SCRIPT ARGUMENT…`.

FIT and VALIDATION say how many digits fit the weights, and how many make every choice; each epoch leaves a checkpoint.
"""

import runpy
import sys
from pathlib import Path

from model.training import loop, mnist

if __name__ == "__main__":
    fit, validation, script, *arguments = sys.argv[1:]
    mnist.FIT = slice(0, int(fit))
    mnist.VALIDATION = slice(int(fit), int(fit) + int(validation))
    loop.SECONDS_BETWEEN_CHECKPOINTS = 0
    sys.argv = [script, *arguments]
    sys.path[0] = str(Path(script).parent)
    runpy.run_path(script, run_name="__main__")
