#!/usr/bin/env python3
"""A second opinion on the triples: the effective permissions that iam-ape (GPL-3.0, run and never copied) prints.

    python3 ape.py DIRECTORY IAM_APE > ape.jsonl

DIRECTORY is what generate.py wrote, IAM_APE the program. Once per principal, it expands the policies over the actions
that it knows and prints which are allowed, and denied, on which resource patterns. That decides a triple if its action
is there and one of the patterns matches, with these exceptions, where it cannot tell (`skip` says why):

condition     the entry that matches has a condition: it reports conditions, it does not judge them
variable      the pattern that matches has a policy variable
not-resource  a statement with NotResource is about the action: it drops those that name another service than the
              action's, takes several excepted patterns one by one, and reports them per resource and not per action
?             it takes `?` for a wildcard only in patterns that have a `*` too
action        it does not know the action
failed        it ended with an error, as it does for a boundary that is not in the file
"""

import concurrent.futures
import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse


def as_list(value):
    return value if isinstance(value, list) else [value]


def decoded(value):
    """An account with the policies that are strings as objects: iam-ape reads only those."""
    if isinstance(value, dict):
        return {key: document(item) if key in ("PolicyDocument", "Document") else decoded(item)
                for key, item in value.items()}
    return [decoded(item) for item in value] if isinstance(value, list) else value


def document(value):
    if not isinstance(value, str):
        return value
    return json.loads(value if value.lstrip().startswith("{") else urllib.parse.unquote(value))


def report(program, account, arn, directory):
    """What iam-ape prints for one principal, or None if it fails."""
    handle, path = tempfile.mkstemp(dir=directory, suffix=".json")
    os.close(handle)
    command = [program, "-i", account, "--arn", arn, "-o", path, "-f", "verbose", "-q"]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file) if done.returncode == 0 else None
    except ValueError:
        return None


def entries(part):
    """(action in lower case) -> [(resource pattern, NotResource of the pattern, whether there is a condition)]."""
    found = {}
    for resources in part.values():
        for pattern, levels in resources.items():
            excepted = levels.get("NotResource", [])
            for level, actions in levels.items():
                if level == "NotResource":
                    continue
                for action, about in actions.items():
                    found.setdefault(action.lower(), []).append((pattern, excepted, bool(about.get("Condition"))))
    return found


def hit(pattern, text):
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


def statements_of(account, arn):
    """The statements that apply to a principal: its own, its groups', its boundary's; of every version, to be sure."""
    who = next(one for one in account["UserDetailList"] + account["RoleDetailList"] if one["Arn"] == arn)
    holders = [who] + [g for g in account["GroupDetailList"] if g["GroupName"] in who.get("GroupList", [])]
    arns = [attached["PolicyArn"] for holder in holders for attached in holder["AttachedManagedPolicies"]]
    arns.append(who.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"))
    documents = [policy["PolicyDocument"] for holder in holders
                 for kind in ("UserPolicyList", "RolePolicyList", "GroupPolicyList") for policy in holder.get(kind, [])]
    documents += [version["Document"] for policy in account["Policies"] if policy["Arn"] in arns
                  for version in policy["PolicyVersionList"]]
    return [statement for document in documents for statement in as_list(document["Statement"])]


def lone_marks(statements):
    """Patterns with `?` and no `*`."""
    return {pattern for statement in statements for key in ("Action", "NotAction", "Resource", "NotResource")
            for pattern in as_list(statement.get(key, [])) if "?" in pattern and "*" not in pattern}


def about_action(statement, action):
    if "Action" in statement:
        return any(hit(pattern.lower(), action) for pattern in as_list(statement["Action"]))
    return not any(hit(pattern.lower(), action) for pattern in as_list(statement["NotAction"]))


def opinion(triple, result, known, statements):
    if result is None:
        return {"skip": "failed"}
    action, resource = triple["action"].lower(), triple["resource"]
    if action not in known:
        return {"skip": "action"}
    if any(hit(mark.lower(), action) or hit(mark, resource) for mark in lone_marks(statements)):
        return {"skip": "?"}
    if any("NotResource" in one and about_action(one, action) for one in statements):
        return {"skip": "not-resource"}

    def matching(part):
        # An action that is about no resource is only covered by all of them.
        rows = part.get(action, [])
        if resource == "*":
            return [row for row in rows if row[0] == "*"]
        return [row for row in rows if hit(re.sub(r"\$\{[^}]*\}", "*", row[0]), resource)]

    allowed, denied = matching(result["allowed"]), matching(result["denied"])
    for rows, verdict in ((denied, "denied"), (allowed, "allowed")):
        plain = [row for row in rows if "${" not in row[0] and not row[2]]
        # It turns a Deny on part of what is allowed into a NotResource of the Allow; that much can be read together.
        ours = {row[0] for row in result["denied"].get(action, [])} if verdict == "allowed" else set()
        if any(all(one in ours for one in row[1]) for row in plain):
            return {"verdict": verdict}
        if rows:
            first = rows[0]
            why = "variable" if "${" in first[0] else "condition" if first[2] else "not-resource"
            return {"skip": why}
    return {"verdict": "denied"}


def main():
    directory, program = sys.argv[1], os.path.abspath(sys.argv[2])
    with open(os.path.join(directory, "triples.jsonl"), encoding="utf-8") as file:
        triples = [json.loads(line) for line in file]
    with tempfile.TemporaryDirectory(prefix="ape-") as work:
        # Which actions it knows: those of somebody who may do all.
        everyone = "arn:aws:iam::111122223333:user/all"
        all_path = os.path.join(work, "all.json")
        with open(all_path, "w", encoding="utf-8") as file:
            json.dump({"UserDetailList": [{"UserName": "all", "Arn": everyone, "UserPolicyList": [
                {"PolicyName": "all", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "*", "Resource": "*"}]}}]}]}, file)
        known = set(entries(report(program, all_path, everyone, work)["allowed_permissions"]))
        files, accounts = {}, {}
        for world in {triple["world"] for triple in triples}:
            with open(os.path.join(directory, world, "account.json"), encoding="utf-8") as file:
                account = decoded(json.load(file))
            accounts[world] = account
            files[world] = os.path.join(work, world + ".json")
            with open(files[world], "w", encoding="utf-8") as file:
                json.dump(account, file)

        def ask(who):
            result = report(program, files[who[0]], who[1], work)
            return who, result and {"allowed": entries(result["allowed_permissions"]),
                                    "denied": entries(result["denied_permissions"])}

        principals = sorted({(triple["world"], triple["principal"]) for triple in triples})
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = dict(pool.map(ask, principals))
    applying = {who: statements_of(accounts[who[0]], who[1]) for who in principals}
    for triple in triples:
        who = (triple["world"], triple["principal"])
        answer = opinion(triple, results[who], known, applying[who])
        print(json.dumps({"id": triple["id"], **answer}))


if __name__ == "__main__":
    main()
