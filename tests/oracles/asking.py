"""What the comparisons share: asking mainstay, explaining classes of disagreement, and telling the result."""

import collections
import concurrent.futures
import fnmatch
import json
import os
import subprocess

MAY = {0: "yes", 1: "no", 4: "unknown"}


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def mainstay(binary, question):
    """What `mainstay can` says: yes, no, unknown, or error with what it wrote; and the grants or doubts it names.

    `question`: principal, action, scope, snapshot, now.
    """
    command = [os.path.abspath(binary), "can", "--snapshot", os.path.abspath(question["snapshot"]), "--format", "json",
               "--now", question["now"], "--", question["principal"], question["action"], question["scope"]]
    # From where the snapshot is, and without the caller's configuration: no other file takes part.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAINSTAY")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment,
                          cwd=os.path.dirname(os.path.abspath(question["snapshot"])))
    try:
        said = json.loads(done.stdout)["before"]
        word, about = said["may"], [by["why"] for by in said["by"]] + said["unknown_because"]
    except (ValueError, KeyError):
        first = (done.stderr.strip().splitlines() or [f"nothing printed, exit code {done.returncode}"])[0]
        return "error", [first[:300]]
    if MAY.get(done.returncode) != word:
        return "error", [f"it says {word} and exits with {done.returncode}"]
    return word, about


def ask_all(binary, questions):
    """Their answers, in order. Two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda question: mainstay(binary, question), questions))


class Explained:
    """Classes of disagreement that somebody has looked into.

    The file is a list of {"shape": {field: glob, ...}, "why": text}. A row is explained if every field of the shape
    matches the row's field of that name.
    """

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.rules = json.load(file)
        for rule in self.rules:
            if set(rule) != {"shape", "why"} or not rule["shape"]:
                raise SystemExit(f"{path}: a rule has a shape and a why: {rule}")
        self.used = collections.Counter()

    def why(self, row):
        for rule in self.rules:
            if all(name in row and fnmatch.fnmatchcase(str(row[name]), glob) for name, glob in rule["shape"].items()):
                self.used[rule["why"]] += 1
                return rule["why"]
        return None

    def unused(self):
        return [rule["why"] for rule in self.rules if not self.used[rule["why"]]]


def table(rows):
    """A Markdown table of (what, how many)."""
    return "\n".join(["| what | count |", "|---|---:|"] + [f"| {what} | {count} |" for what, count in rows]) + "\n"
