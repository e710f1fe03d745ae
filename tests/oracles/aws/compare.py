#!/usr/bin/env python3
"""Compares mainstay with iam-simulate, and says how far iam-ape agrees with iam-simulate.

    python3 compare.py DIRECTORY --mainstay BINARY [--markdown FILE] [--show N]
    python3 compare.py DIRECTORY --self-test

DIRECTORY has what generate.py, simulate.mjs and ape.py wrote. The rules:

* a triple that is `certain` is right if mainstay says yes where iam-simulate says Allowed, and no where it says denied;
* one that is `from-account` is right if it says the same, or unknown: the file settles it, but only for who evaluates
  conditions and variables;
* one that is `open` is right if it says unknown. A yes or a no there claims more than the file shows.

Everything else is a disagreement. It is listed, unless a rule of explained.json says why. Ends with 1 if one is listed.
"""

import argparse
import collections
import functools
import json
import os
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import asking  # noqa: E402  (it is in the directory above)

LEAST_SHARE = 0.20
LEAST_TRIPLES = 2000


def judged(row):
    """Whether an answer of mainstay is right, and by which rule."""
    right = "yes" if row["verdict"] == "Allowed" else "no"
    if row["kind"] == "open":
        return "unknown, as it must be" if row["mainstay"] == "unknown" else None
    if row["mainstay"] == right:
        return "agreed"
    if row["kind"] == "from-account" and row["mainstay"] == "unknown":
        return "unknown where the account would tell"
    return None


def statements_of(directory, row):
    """The statements that decided for iam-simulate: where each stands, and the statement itself."""
    told = []
    for one in row.get("by") or []:
        name, index = one.rsplit("#", 1)
        told.append(f"{one}: {json.dumps(statement(directory, row['world'], name.split(' ')[-1], int(index)))}")
    return told or ["no statement applies"]


@functools.cache
def account(directory, world):
    with open(os.path.join(directory, world, "account.json"), encoding="utf-8") as file:
        return json.load(file)


def statement(directory, world, name, index):
    """A statement by the policy's ARN, or by HOLDER/POLICY for an inline one."""
    read = account(directory, world)
    document = None
    for policy in read["Policies"]:
        if policy["Arn"] == name:
            document = next(v["Document"] for v in policy["PolicyVersionList"] if v["IsDefaultVersion"])
    for holder in read["UserDetailList"] + read["RoleDetailList"] + read["GroupDetailList"]:
        owner = holder.get("UserName") or holder.get("RoleName") or holder.get("GroupName")
        for kind in ("UserPolicyList", "RolePolicyList", "GroupPolicyList"):
            for policy in holder.get(kind, []):
                if name == f"{owner}/{policy['PolicyName']}":
                    document = policy["PolicyDocument"]
    if isinstance(document, str):
        document = json.loads(document if document.startswith("{") else urllib.parse.unquote(document))
    statements = document["Statement"]
    return statements if isinstance(statements, dict) else statements[index]


def peers(rows):
    """How iam-ape agrees with iam-simulate, on what both can tell."""
    told, against = collections.Counter(), []
    for row in rows:
        if row["kind"] != "certain" or "ape" not in row:
            told["iam-ape not asked, or hangs on something"] += 1
        elif "skip" in row["ape"]:
            told[f"iam-ape cannot tell: {row['ape']['skip']}"] += 1
        elif (row["ape"]["verdict"] == "allowed") == (row["verdict"] == "Allowed"):
            told["the peers agree"] += 1
        else:
            told["the peers disagree"] += 1
            against.append(row)
    return told, against


def read(directory):
    """Triples with the verdicts of the peers."""
    simulated = {one["id"]: one for one in asking.lines(os.path.join(directory, "simulate.jsonl"))}
    ape_path = os.path.join(directory, "ape.jsonl")
    ape = {one["id"]: one for one in asking.lines(ape_path)} if os.path.exists(ape_path) else {}
    rows, rejected = [], []
    for triple in asking.lines(os.path.join(directory, "triples.jsonl")):
        row = {**triple, **simulated[triple["id"]]}
        if triple["id"] in ape:
            row["ape"] = ape[triple["id"]]
        (rejected if "error" in row else rows).append(row)
    return rows, rejected


def ask(binary, directory, rows):
    questions = [{"principal": row["principal"], "action": row["action"], "scope": row["resource"], "now": row["now"],
                  "snapshot": os.path.join(directory, row["world"], "account.json")} for row in rows]
    for row, (word, about) in zip(rows, asking.ask_all(binary, questions)):
        row["mainstay"], row["mainstay_says"] = word, about


def sort(rows, explained):
    """Counts by rule, and the disagreements that nothing explains."""
    counts, left = collections.Counter(), []
    for row in rows:
        rule = judged(row)
        if rule is None:
            why = explained.why(row)
            rule = f"explained: {why}" if why else "unexplained"
            if not why:
                left.append(row)
        counts[rule] += 1
    return counts, left


def show(directory, row):
    print(f"\n{row['id']}  {row['principal']}\n    may {row['action']} on {row['resource']}\n"
          f"    iam-simulate: {row['verdict']} ({row['kind']}), by")
    for one in statements_of(directory, row):
        print(f"        {one}")
    if "ape" in row:
        print(f"    iam-ape: {row['ape'].get('verdict') or 'cannot tell: ' + row['ape']['skip']}")
    print(f"    mainstay: {row['mainstay']}: {'; '.join(row['mainstay_says'][:5]) or 'no grant and no doubt named'}")


def shares(rows):
    """Whether each verdict occurs often enough for the run to mean something."""
    counts = collections.Counter(row["verdict"] for row in rows)
    for verdict in ("Allowed", "ImplicitlyDenied", "ExplicitlyDenied"):
        share = counts[verdict] / max(1, len(rows))
        print(f"{verdict:<20}{counts[verdict]:>6}  {share:6.1%}")
        if share < LEAST_SHARE and len(rows) >= LEAST_TRIPLES:
            raise SystemExit(f"too few are {verdict}: below {LEAST_SHARE:.0%}; take another seed or more worlds")
    for kind, count in sorted(collections.Counter(row["kind"] for row in rows).items()):
        print(f"{kind:<20}{count:>6}")
    if len(rows) < LEAST_TRIPLES:
        print(f"note: fewer than {LEAST_TRIPLES} triples; the figures are of a small run")


def self_test(directory, rows):
    """The rules, without mainstay: right answers are all accepted, and of each kind of wrong one every case is found."""
    nothing = asking.Explained(os.path.join(HERE, "explained.json"))
    nothing.rules = []
    right = {"Allowed": "yes", "ImplicitlyDenied": "no", "ExplicitlyDenied": "no"}

    def answer(change):
        made = []
        for row in rows:
            word = "unknown" if row["kind"] == "open" else right[row["verdict"]]
            made.append({**row, "mainstay": change(row, word), "mainstay_says": []})
        return len(sort(made, nothing)[1])

    certain = [row for row in rows if row["kind"] == "certain"]
    open_ones = [row for row in rows if row["kind"] == "open"]
    allowed = [row for row in certain if row["verdict"] == "Allowed"]
    denied = [row for row in certain if row["verdict"] == "ExplicitlyDenied"]
    tests = [
        ("right answers", 0, lambda row, word: word),
        ("unknown where the account tells", 0, lambda row, word: "unknown" if row["kind"] == "from-account" else word),
        ("always unknown", len(certain), lambda row, word: "unknown"),
        ("Deny is overlooked", len(denied), lambda row, word: "yes" if row in denied else word),
        ("an allow is overlooked", len(allowed), lambda row, word: "no" if row in allowed else word),
        ("conditions are taken to hold", len(open_ones), lambda row, word: "yes" if row["kind"] == "open" else word),
        ("an error", len(rows), lambda row, word: "error"),
    ]
    bad = 0
    for name, expected, change in tests:
        found = answer(change)
        bad += found != expected
        print(f"{'ok' if found == expected else 'WRONG':<6}{name}: {found} of {expected} found")
    told, against = peers(rows)
    for what, count in sorted(told.items()):
        print(f"      {what}: {count}")
    for row in against:
        show(directory, {**row, "mainstay": "not asked", "mainstay_says": []})
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--mainstay")
    parser.add_argument("--markdown")
    parser.add_argument("--show", type=int, default=20, help="how many disagreements to list; all are in compare.jsonl")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    rows, rejected = read(arguments.directory)
    shares(rows)
    for row in rejected[:5]:
        print(f"iam-simulate rejects {row['id']}: {row['error']}")
    if len(rejected) > 0.01 * len(rows):
        raise SystemExit(f"iam-simulate rejects {len(rejected)} triples: more than 1 %")
    if arguments.self_test:
        raise SystemExit(1 if self_test(arguments.directory, rows) else 0)
    if not arguments.mainstay:
        raise SystemExit("say where mainstay is with --mainstay, or test the rules with --self-test")
    ask(arguments.mainstay, arguments.directory, rows)
    explained = asking.Explained(os.path.join(HERE, "explained.json"))
    counts, left = sort(rows, explained)
    told, against = peers(rows)
    with open(os.path.join(arguments.directory, "compare.jsonl"), "w", encoding="utf-8") as file:
        for row in left:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    for row in left[:arguments.show]:
        show(arguments.directory, row)
    figures = [("triples", len(rows)), ("rejected by iam-simulate", len(rejected))]
    figures += sorted(counts.items()) + sorted(told.items())
    fragment = asking.table(figures)
    print("\n" + fragment, end="")
    for why in explained.unused():
        print(f"note: explained.json: nothing is explained by: {why}")
    if arguments.markdown:
        with open(arguments.markdown, "w", encoding="utf-8") as file:
            file.write(fragment)
    if left:
        print(f"{len(left)} disagreements, by what mainstay and iam-simulate say:")
        pairs = collections.Counter((row["mainstay"], row["verdict"], row["kind"]) for row in left)
        for (ours, theirs, kind), count in pairs.most_common():
            print(f"  {count:>5}  mainstay {ours}, iam-simulate {theirs} ({kind})")
    raise SystemExit(1 if left else 0)


if __name__ == "__main__":
    main()
