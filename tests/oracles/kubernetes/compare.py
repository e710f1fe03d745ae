#!/usr/bin/env python3
"""Compares mainstay with authorizer.py on what generate.py wrote, and authorizer.py with the hand-made cases.

    python3 compare.py DIRECTORY --mainstay BINARY [--markdown FILE] [--show N]
    python3 compare.py --self-test

RBAC has no conditions, and the clusters are listed in full, so mainstay has to say yes or no, and the same: unknown is
a disagreement too. One is listed, unless a rule of explained.json says why. Ends with 1 if one is listed.
"""

import argparse
import collections
import json
import os
import sys

import authorizer
import questions

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import asking  # noqa: E402  (it is in the directory above)


def self_test():
    """The reference gives the expected answer in every hand-made case, and loses some if any part of it is taken away."""
    def wrong():
        return [case["case"] for case in questions.cases()
                if authorizer.Cluster(questions.objects(case)).allows(questions.request(case)) != (case["expect"] == "yes")]

    failed = wrong()
    print(f"{len(questions.cases())} hand-made cases, {len(failed)} answered otherwise")
    for name in failed:
        print(f"  {name}")
    # Each of these is a mistake that somebody could make; some case has to notice.
    mistakes = [
        ("resource_matches", lambda right: lambda one, request: right(one, request) or one == request.resource),
        ("resource_matches", lambda right: lambda one, request: one == "*" or (
            one == (f"{request.resource}/{request.subresource}" if request.subresource else request.resource))),
        ("resource_matches", lambda right: lambda one, request: right(one, request) or one == request.resource + "/*"),
        ("url_matches", lambda right: lambda granted, asked: granted in ("*", asked)),
        ("url_matches", lambda right: lambda granted, asked: right(granted, asked) or granted == asked + "/*"),
        ("subject_is", lambda right: lambda one, request, home: one["kind"] != "Group" and right(one, request, home)),
        ("subject_is", lambda right: lambda one, request, home: one["kind"] != "User" and right(one, request, home)),
        ("subject_is", lambda right: lambda one, request, home: right(one, request, home or "shop")),
        ("subject_is", lambda right: lambda one, request, home: right({**one, "namespace": home or "shop"}, request, home)),
        ("rule_allows", lambda right: lambda one, request: right({**one, "resourceNames": []}, request)),
        ("rule_allows", lambda right: lambda one, request: right({**one, "apiGroups": ["*"]}, request)),
        ("selects", lambda right: lambda selector, labels: True),
        ("selects", lambda right: lambda selector, labels: bool(selector.get("matchLabels")) and right(selector, labels)),
    ]
    missed = 0
    for name, mistake in mistakes:
        right = getattr(authorizer, name)
        setattr(authorizer, name, mistake(right))
        noticed = len(wrong())
        setattr(authorizer, name, right)
        missed += noticed == 0
    print(f"{len(mistakes)} mistakes put in, {len(mistakes) - missed} noticed by some case")
    return bool(failed or missed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?")
    parser.add_argument("--mainstay")
    parser.add_argument("--markdown")
    parser.add_argument("--show", type=int, default=20, help="how many disagreements to list; all are in compare.jsonl")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        raise SystemExit(1 if self_test() else 0)
    if not (arguments.directory and arguments.mainstay):
        parser.error("say which DIRECTORY and where mainstay is, or --self-test")
    rows = asking.lines(os.path.join(arguments.directory, "questions.jsonl"))
    asked = [{**row, "snapshot": os.path.join(arguments.directory, row["world"], "cluster.json")} for row in rows]
    explained = asking.Explained(os.path.join(HERE, "explained.json"))
    counts, left = collections.Counter(), []
    for row, (word, about) in zip(rows, asking.ask_all(arguments.mainstay, asked)):
        row["mainstay"], row["mainstay_says"] = word, about
        what = "hand-made cases" if "source" in row else "random questions"
        counts[what] += 1
        if word == row["expect"]:
            counts[f"{what}: agreed"] += 1
            continue
        why = explained.why(row)
        counts[f"{what}: explained: {why}" if why else f"{what}: unexplained"] += 1
        if not why:
            left.append(row)
    with open(os.path.join(arguments.directory, "compare.jsonl"), "w", encoding="utf-8") as file:
        for row in left:
            file.write(json.dumps(row) + "\n")
    for row in left[:arguments.show]:
        print(f"\n{row['id']}  ({row['world']})\n    may {row['principal']} `{row['action']}` in {row['scope']}\n"
              f"    expected {row['expect']}{': ' + row['source'] if 'source' in row else ''}\n"
              f"    mainstay: {row['mainstay']}: {'; '.join(row['mainstay_says'][:5]) or 'no grant and no doubt named'}")
    fragment = asking.table(sorted(counts.items()))
    print("\n" + fragment, end="")
    for why in explained.unused():
        print(f"note: explained.json: nothing is explained by: {why}")
    if arguments.markdown:
        with open(arguments.markdown, "w", encoding="utf-8") as file:
            file.write(fragment)
    if left:
        pairs = collections.Counter((row["mainstay"], row["expect"], row["kind"]) for row in left)
        print(f"{len(left)} disagreements:")
        for (ours, theirs, kind), count in pairs.most_common():
            print(f"  {count:>5}  mainstay {ours}, expected {theirs} ({kind})")
    raise SystemExit(1 if left else 0)


if __name__ == "__main__":
    main()
