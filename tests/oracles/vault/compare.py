"""Tokens and leases of a real OpenBao server: when they end, and when mainstay said that they would."""

import argparse
import datetime
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

# What the server allows where nothing else is set, in seconds.
SERVER = {"default_lease_ttl": "6s", "max_lease_ttl": "18s"}
# After so many seconds what is still there is taken to be there for ever.
WATCH = 34
# The server ends things by timers of its own, and times are cut to the second.
TICK = 2.0


class Server:
    def __init__(self, bao, out, port):
        self.port = port or free_port()
        self.log = open(out / "server.log", "w", encoding="utf-8")
        config = out / "server.hcl"
        config.write_text("".join(f'{key} = "{value}"\n' for key, value in SERVER.items()))
        environment = {"HOME": str(out), "PATH": os.environ["PATH"]}
        command = [bao, "server", "-dev", "-dev-no-store-token", "-dev-root-token-id=root", f"-config={config}"]
        command.append(f"-dev-listen-address=127.0.0.1:{self.port}")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env=environment)

    def __enter__(self):
        for _ in range(100):
            try:
                # It answers before it knows its root token.
                self.ask("GET", "sys/auth")
                self.ask("GET", "sys/mounts")
                return self
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None:
                    raise SystemExit("the server did not start: see server.log")
                time.sleep(0.2)
        raise SystemExit("the server does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def ask(self, method, path, body=None, token="root"):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/{path}", data=data, method=method)
        request.add_header("X-Vault-Token", token)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            error.msg = f"{method} {path}: {error.read().decode(errors='replace').strip()}"
            raise
        return json.loads(text) if text else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Snapshots:
    """What the server says, as files with sidecars."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self.roles = 0

    def put(self, name, answer, of=None):
        (self.folder / f"{name}.json").write_text(json.dumps(answer))
        meta = {"taken_at": now().isoformat().replace("+00:00", "Z")}
        if of:
            meta["of"] = of
        (self.folder / f"{name}.json.meta.json").write_text(json.dumps(meta))


def now():
    return datetime.datetime.now(datetime.timezone.utc)


# Mount, tune of it, roles: name and settings.
APPROLES = [
    ("plain", {}, {
        "nothing": {},
        "ttl": {"token_ttl": 3},
        "max": {"token_max_ttl": 8},
        "max-too-long": {"token_max_ttl": 60},
        "ttl-and-max": {"token_ttl": 3, "token_max_ttl": 9},
        "period": {"token_period": 4},
        "period-above-server": {"token_period": 60},
        "period-above-max": {"token_period": 12, "token_max_ttl": 5},
        "period-with-explicit": {"token_period": 4, "token_explicit_max_ttl": 10},
        "period-with-long-explicit": {"token_period": 4, "token_explicit_max_ttl": 24},
        "explicit": {"token_explicit_max_ttl": 7},
        "explicit-above-server": {"token_explicit_max_ttl": 60},
        "all": {"token_ttl": 3, "token_max_ttl": 11, "token_explicit_max_ttl": 8},
    }),
    ("shorter", {"max_lease_ttl": "10s"}, {
        "nothing": {},
        "max": {"token_max_ttl": 6},
        "max-too-long": {"token_max_ttl": 14},
        "period": {"token_period": 4},
        "period-above-mount": {"token_period": 14},
        "period-with-explicit": {"token_period": 4, "token_explicit_max_ttl": 13},
        "explicit-above-mount": {"token_explicit_max_ttl": 13},
    }),
    ("longer", {"default_lease_ttl": "3s", "max_lease_ttl": "26s"}, {
        "nothing": {},
        "max": {"token_max_ttl": 22},
        "max-too-long": {"token_max_ttl": 60},
        "ttl": {"token_ttl": 5},
    }),
]

TOKEN_ROLES = {
    "nothing": {},
    "without-effect": {"token_ttl": 3, "token_max_ttl": 5},
    "period": {"token_period": 4},
    "period-with-explicit": {"token_period": 4, "token_explicit_max_ttl": 9},
    "explicit": {"token_explicit_max_ttl": 8},
    "fixed": {"renewable": False},
    "orphan": {"orphan": True},
}


def make(server, snapshots):
    """Makes everything; returns what is watched: accessor or lease id, a name, and how to renew it."""
    made = []

    def token(name, answer, of=None):
        auth = answer["auth"]
        made.append({"name": name, "accessor": auth["accessor"], "token": auth["client_token"], "of": of})
        return auth

    ask = server.ask
    ask("POST", "sys/policies/acl/all", {"policy": 'path "*" { capabilities = ["create", "update", "read", "sudo"] }'})
    for mount, tune, roles in APPROLES:
        ask("POST", f"sys/auth/{mount}", {"type": "approle", "config": tune})
        for role, settings in roles.items():
            ask("POST", f"auth/{mount}/role/{role}", {"token_policies": ["all"], **settings})
            role_id = ask("GET", f"auth/{mount}/role/{role}/role-id")["data"]["role_id"]
            secret_id = ask("POST", f"auth/{mount}/role/{role}/secret-id", {})["data"]["secret_id"]
            login = ask("POST", f"auth/{mount}/login", {"role_id": role_id, "secret_id": secret_id})
            token(f"approle {mount} {role}", login)
            of = {"mount": f"auth/{mount}", "role": role}
            snapshots.put(f"approle-{mount}-{role}", ask("GET", f"auth/{mount}/role/{role}"), of)
        snapshots.put(f"tune-{mount}", ask("GET", f"sys/auth/{mount}/tune"), {"mount": f"auth/{mount}"})
    for role, settings in TOKEN_ROLES.items():
        ask("POST", f"auth/token/roles/{role}", {"allowed_policies": ["all"], **settings})
        token(f"token role {role}", ask("POST", f"auth/token/create/{role}", {"policies": ["all"]}))
        snapshots.put(f"token-role-{role}", ask("GET", f"auth/token/roles/{role}"))
    snapshots.put("tune-token", ask("GET", "sys/auth/token/tune"), {"mount": "auth/token"})
    snapshots.put("auth", ask("GET", "sys/auth"))

    def create(name, body, parent="root", of=None, path="auth/token/create"):
        return token(name, ask("POST", path, {"policies": ["all"], **body}, parent), of)

    create("asked for ttl", {"ttl": "3s"})
    create("asked for explicit", {"explicit_max_ttl": "9s"})
    create("asked for period", {"period": "4s"})
    create("asked for period and explicit", {"period": "4s", "explicit_max_ttl": "11s"})
    create("asked not renewable", {"ttl": "5s", "renewable": False})
    # A parent that ends, and what hangs from it.
    parent = create("parent", {"explicit_max_ttl": "8s"})
    of = {"parent": parent["accessor"]}
    child = create("child", {"period": "4s"}, parent["client_token"], of)
    create("grandchild", {"period": "4s"}, child["client_token"], {"parent": child["accessor"]})
    create("child that ends sooner", {"explicit_max_ttl": "5s"}, parent["client_token"], of)
    create("orphan child", {"period": "4s"}, parent["client_token"], None, "auth/token/create-orphan")
    # Leases: certificates with a lease each.
    ask("POST", "sys/mounts/pki", {"type": "pki", "config": {"max_lease_ttl": "1h"}})
    ask("POST", "pki/root/generate/internal", {"common_name": "root", "ttl": "1h"})
    ask("POST", "sys/mounts/pki/tune", {"max_lease_ttl": "16s"})
    ask("POST", "pki/roles/short", {"allow_any_name": True, "generate_lease": True, "ttl": "6s"})
    ask("POST", "pki/roles/long", {"allow_any_name": True, "generate_lease": True, "ttl": "14s"})
    snapshots.put("tune-pki", ask("GET", "sys/mounts/pki/tune"), {"mount": "pki"})
    long = create("holder of leases", {"period": "4s"})
    for role in ["short", "long"]:
        for holder, name in [(long, "of a token that stays"), (parent, "of the parent"), (child, "of the child")]:
            body = {"common_name": f"{role}.example"}
            answer = ask("POST", f"pki/issue/{role}", body, holder["client_token"])
            made.append({"name": f"{role} lease {name}", "lease": answer["lease_id"], "of": {"token": holder["accessor"]}})
    return made


def look(server, one):
    if "lease" in one:
        return server.ask("PUT", "sys/leases/lookup", {"lease_id": one["lease"]})
    return server.ask("POST", "auth/token/lookup-accessor", {"accessor": one["accessor"]})


def watch(server, made, until):
    """Renews everything about once a second and notes when it was last there, and first gone."""

    def follow(one):
        renewed = 0.0
        while time.time() < until:
            asked = time.time()
            try:
                look(server, one)
                one["there"] = asked
            except urllib.error.HTTPError:
                one["gone"] = time.time()
                return
            except (urllib.error.URLError, ConnectionError):
                # The server was stopped, as something else failed.
                return
            if "accessor" in one and asked - renewed > 1.0:
                renewed = asked
                try:
                    server.ask("POST", "auth/token/renew-accessor", {"accessor": one["accessor"]})
                except (urllib.error.URLError, ConnectionError):
                    pass
            time.sleep(0.25)

    threads = [threading.Thread(target=follow, args=(one,)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def predictions(mainstay, folder, made):
    """When each ends, by `mainstay explain`; infinity: it does not."""
    moment = now().strftime("%Y-%m-%dT%H:%M:%SZ")
    for one in made:
        node = one["lease"] if "lease" in one else f"token/{one['accessor']}"
        command = [mainstay, "explain", node, "--snapshot", str(folder), "--now", moment, "--format", "json"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder.parent)
        if answer.returncode != 0:
            raise SystemExit(f"mainstay: {answer.stderr}")
        until = json.loads(answer.stdout)["until"]
        # An answer that leaves it open predicts nothing.
        one["predicted"] = instant(until["possible"]) if until["sure"] == until["possible"] else None


def instant(text):
    if text == "forever":
        return float("inf")
    if text in ("never", "eventually"):
        return None
    head, _, fraction = text.rstrip("Z").partition(".")
    return datetime.datetime.fromisoformat(f"{head}+00:00").timestamp() + float(f"0.{fraction or 0}")


def agrees(one):
    predicted, there, gone = one["predicted"], one.get("there", 0.0), one.get("gone")
    if predicted is None:
        return False
    if gone is None:
        return predicted > there
    return there - TICK <= predicted <= gone + TICK


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--bao", required=True)
    parser.add_argument("--mainstay", required=True)
    parser.add_argument("--port", type=int)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--markdown", type=pathlib.Path)
    given = parser.parse_args()
    snapshots = Snapshots(given.out / "snapshots")
    with Server(given.bao, given.out, given.port) as server:
        made = make(server, snapshots)
        start = time.time()
        following = threading.Thread(target=watch, args=(server, made, start + WATCH))
        for number, one in enumerate(made):
            snapshots.put(f"{'lease' if 'lease' in one else 'token'}-{number}", look(server, one), one["of"])
        following.start()
        predictions(given.mainstay, snapshots.folder, made)
        following.join()
    if given.self_test:
        for one in made:
            one["predicted"] = one["predicted"] + 5 if one["predicted"] not in (None, float("inf")) else start + 3
        found = sum(not agrees(one) for one in made)
        print(f"{found} of {len(made)} wrong predictions are found")
        return 0 if found == len(made) else 1
    wrong = [one for one in made if not agrees(one)]
    ended = [one for one in made if "gone" in one]
    off = [max(one["there"] - one["predicted"], one["predicted"] - one["gone"], 0.0) for one in ended if agrees(one)]
    rows = [
        ("tokens", sum("accessor" in one for one in made)),
        ("leases", sum("lease" in one for one in made)),
        ("ended while watched", len(ended)),
        (f"still there after {WATCH} s, as predicted", sum("gone" not in one and agrees(one) for one in made)),
        ("disagreements", len(wrong)),
        ("furthest off, outside of the quarter second in which it was seen to go", f"{max(off, default=0.0):.2f} s"),
    ]
    for what, number in rows:
        print(f"{what}: {number}")
    relative = lambda instant: "never" if instant in (None, float("inf")) else f"{instant - start:+.2f} s"
    for one in made:
        mark = " " if agrees(one) else "!"
        print(f"{mark} {one['name']:45} predicted {relative(one['predicted']):>9}  gone {relative(one.get('gone')):>9}")
    if given.markdown:
        given.markdown.write_text("".join(f"| {what} | {number} |\n" for what, number in rows))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
