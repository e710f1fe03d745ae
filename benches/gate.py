#!/usr/bin/env python3
"""What the gate costs: `mainstay exec -- terraform apply` beside terraform alone, on a plan of 200 changes.

    python3 benches/gate.py target/release/mainstay [RUNS]

Both make 200 objects of terraform's own (`terraform_data`), each time in a new directory, in turn. Prints the medians of
the wall time in seconds, and their ratio.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

CONFIGURATION = """
resource "terraform_data" "one" {
  count = 200
  input = "value ${count.index}"
}
"""


def run(command):
    """Seconds that a command takes in a new, initialised directory."""
    with tempfile.TemporaryDirectory(prefix="gate-") as directory:
        with open(os.path.join(directory, "main.tf"), "w") as file:
            file.write(CONFIGURATION)
        quiet = {"cwd": directory, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["terraform", "init", "-input=false"], **quiet)
        start = time.monotonic()
        subprocess.run(command, **quiet)
        return time.monotonic() - start


def main():
    mainstay = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    apply = ["terraform", "apply", "-auto-approve", "-input=false"]
    alone, through = [], []
    for _ in range(runs):
        alone.append(run(apply))
        through.append(run([mainstay, "exec", "--", *apply]))
    one, other = statistics.median(alone), statistics.median(through)
    print(f"terraform apply alone        {one:6.2f} s")
    print(f"mainstay exec -- terraform   {other:6.2f} s")
    print(f"ratio                        {other / one:6.2f}")


main()
