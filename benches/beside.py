#!/usr/bin/env python3
"""What `mainstay check` of a large plan costs, beside programs that answer far less of the question.

    benches/beside.py FILE...

Each runs three times as a process of its own: the median of the wall time, and the greatest resident memory. All but the
first only list the deleted role assignments, identities, service accounts, members and attachments; nobody says what breaks.
"""

import json
import os
import shutil
import subprocess
import sys
import time

KINDS = [
    "azurerm_role_assignment",
    "azurerm_user_assigned_identity",
    "google_service_account",
    "google_project_iam_member",
    "aws_iam_role",
    "aws_iam_role_policy_attachment",
    "kubernetes_service_account",
]
JQ = (
    ".resource_changes[] | select(.change.actions | index(\"delete\"))"
    " | select(.type | IN($kinds[])) | .address"
)
PYTHON = """
import json, sys
kinds = set(sys.argv[2].split(","))
with open(sys.argv[1]) as file:
    plan = json.load(file)
for change in plan["resource_changes"]:
    if "delete" in change["change"]["actions"] and change["type"] in kinds:
        print(change["address"])
"""
RUNS = 3


def built():
    """The program, and the benchmark that holds the bare parse; both built for release."""
    subprocess.run(["cargo", "build", "--release", "--quiet"], check=True)
    told = subprocess.run(
        ["cargo", "bench", "--bench", "plan", "--no-run", "--quiet", "--message-format", "json"],
        check=True,
        stdout=subprocess.PIPE,
    )
    artifacts = [json.loads(line) for line in told.stdout.splitlines() if line.startswith(b"{")]
    bench = next(
        artifact["executable"]
        for artifact in artifacts
        if artifact.get("executable") and artifact["target"]["name"] == "plan"
    )
    target = os.environ.get("CARGO_TARGET_DIR", "target")
    return os.path.join(target, "release", "mainstay"), bench


def run(command):
    """Wall seconds and greatest resident memory in MB of one process, and how many lines it wrote."""
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    lines = child.stdout.read().count(b"\n")
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - began, used.ru_maxrss / 1000, lines


def main():
    mainstay, bench = built()
    for path in sys.argv[1:]:
        programs = [
            ("bare typed serde_json parse", [bench, "--bare", path]),
            ("`mainstay check`", [mainstay, "check", path, "--now", "2026-01-01T00:00:00Z"]),
            ("Python `json`", [sys.executable, "-c", PYTHON, path, ",".join(KINDS)]),
        ]
        if shutil.which("jq"):
            programs.append(("`jq`", ["jq", "-r", "--argjson", "kinds", json.dumps(KINDS), JQ, path]))
        else:
            print("SKIPPED jq: it is not installed")
        print(f"\n{os.path.basename(path)}, {os.path.getsize(path) / 1e6:.0f} MB\n")
        print("| program | wall, s | times bare | peak memory, MB |\n|---|---|---|---|")
        bare = None
        for name, command in programs:
            runs = [run(command) for _ in range(RUNS)]
            wall = sorted(seconds for seconds, _, _ in runs)[RUNS // 2]
            bare = bare or wall
            most = max(memory for _, memory, _ in runs)
            print(f"| {name} | {wall:.2f} | {wall / bare:.1f} | {most:.0f} |", flush=True)


if __name__ == "__main__":
    main()
