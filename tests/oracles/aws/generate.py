#!/usr/bin/env python3
"""Makes small AWS accounts and questions about them, the same for the same seed.

    python3 generate.py OUT [--seed N] [--worlds N] [--triples N] [--now T]

Writes OUT/world-NN/account.json, as `aws iam get-account-authorization-details` prints it, with its sidecar, and
OUT/triples.jsonl: who, what, where. Nothing here decides whether somebody may; the guesses below only aim, so that
each answer occurs often enough.
"""

import argparse
import fnmatch
import functools
import json
import os
import random
import re
import urllib.parse

# Service, kind of resource, actions on it. "*" is the kind of the actions that are about no resource.
ACTIONS = {
    ("s3", "object"): ["GetObject", "PutObject", "DeleteObject", "GetObjectVersion", "GetObjectTagging",
                       "PutObjectAcl", "AbortMultipartUpload", "RestoreObject"],
    ("s3", "bucket"): ["ListBucket", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucket", "GetBucketLocation",
                       "PutBucketVersioning", "GetLifecycleConfiguration", "PutEncryptionConfiguration"],
    ("s3", "*"): ["ListAllMyBuckets"],
    ("ec2", "instance"): ["StartInstances", "StopInstances", "TerminateInstances", "RebootInstances"],
    ("ec2", "volume"): ["DeleteVolume", "CreateSnapshot"],
    ("ec2", "security-group"): ["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupEgress", "DeleteSecurityGroup"],
    ("ec2", "*"): ["DescribeInstances", "DescribeVolumes"],
    ("route53", "hostedzone"): ["ChangeResourceRecordSets", "ListResourceRecordSets", "GetHostedZone",
                                "DeleteHostedZone"],
    ("route53", "*"): ["ListHostedZones"],
    ("sqs", "queue"): ["SendMessage", "ReceiveMessage", "DeleteMessage", "PurgeQueue", "GetQueueAttributes",
                       "SetQueueAttributes", "DeleteQueue", "GetQueueUrl"],
    ("sqs", "*"): ["ListQueues"],
    ("iam", "role"): ["GetRole", "PassRole", "DeleteRole", "AttachRolePolicy", "DetachRolePolicy",
                      "UpdateAssumeRolePolicy"],
    ("iam", "user"): ["CreateAccessKey", "DeleteUser", "GetUser", "ListAccessKeys"],
    ("iam", "policy"): ["CreatePolicyVersion", "DeletePolicy", "GetPolicy"],
    ("iam", "*"): ["ListRoles", "ListUsers"],
    ("kms", "key"): ["Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey", "ScheduleKeyDeletion", "DisableKey",
                     "EnableKeyRotation"],
    ("kms", "*"): ["ListKeys"],
    ("dynamodb", "table"): ["GetItem", "PutItem", "Query", "Scan", "UpdateItem", "DeleteItem", "DeleteTable",
                            "DescribeTable", "BatchGetItem"],
    ("dynamodb", "index"): ["Query", "Scan"],
    ("dynamodb", "*"): ["ListTables"],
    ("logs", "log-group"): ["CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "FilterLogEvents",
                            "DescribeLogStreams"],
    ("logs", "log-stream"): ["CreateLogStream", "PutLogEvents", "GetLogEvents"],
    ("logs", "*"): ["DescribeLogGroups"],
}
TOPICS = [topic for topic in ACTIONS if topic[1] != "*"]
REGIONS = ["eu-west-1", "eu-west-2", "eu-central-1", "us-east-1"]
PEOPLE = ["alice", "bob", "carol.d", "dave@example", "Eve", "frank_x", "grace+ci"]
TEAMS = ["blue", "green", "ops"]
BUCKETS = ["acme-logs", "acme-prod-data", "acme-dev-data", "backup-2024", "backup-2025", "web.assets", "acme"]
KEYS = ["a.txt", "logs/2024/01/x.gz", "logs/2025/12/y.gz", "Reports/Q1.pdf", "reports/q1.pdf", "tmp/a b+c.bin",
        "home/alice/notes.txt", "home/bob/notes.txt", "home/Eve/k", "blue/plan.md", "green/plan.md"]


class World:
    """One account."""

    def __init__(self, random_source, name, now):
        self.random = random_source
        self.name = name
        self.now = now
        self.account = "".join(self.random.choices("123456789", k=12))
        self.users = self.random.sample(PEOPLE, 4)
        self.roles = ["app", "service/deploy", "ci-runner", "ops/break.glass"]
        self.pool = self.resources()
        self.managed = {}
        self.serial = 0

    def chance(self, share):
        return self.random.random() < share

    # What there is.

    def resources(self):
        """ARNs by kind."""
        pick = self.random
        account = self.account

        def regional(service, kind, ids, count=6):
            return [f"arn:aws:{service}:{pick.choice(REGIONS)}:{account}:{kind}{pick.choice(ids)}" for _ in range(count)]

        def hexadecimal(length):
            return "".join(pick.choices("0123456789abcdef", k=length))

        buckets = pick.sample(BUCKETS, 4)
        tables = ["table/orders", "table/orders-archive", "table/sessions", "table/Orders"]
        groups = ["/aws/lambda/api", "/aws/lambda/worker", "app-web", "app-db"]
        return {
            ("s3", "bucket"): [f"arn:aws:s3:::{bucket}" for bucket in buckets],
            ("s3", "object"): [f"arn:aws:s3:::{bucket}/{key}" for bucket in buckets for key in pick.sample(KEYS, 5)],
            ("ec2", "instance"): regional("ec2", "instance/i-", [hexadecimal(17) for _ in range(4)]),
            ("ec2", "volume"): regional("ec2", "volume/vol-", [hexadecimal(17) for _ in range(4)]),
            ("ec2", "security-group"): regional("ec2", "security-group/sg-", [hexadecimal(8) for _ in range(4)]),
            ("route53", "hostedzone"): [f"arn:aws:route53:::hostedzone/Z{hexadecimal(12).upper()}" for _ in range(4)],
            ("sqs", "queue"): regional("sqs", "", ["orders", "orders-dlq", "billing.fifo", "mail_out"], 8),
            ("iam", "role"): [f"arn:aws:iam::{account}:role/{role}" for role in self.roles],
            ("iam", "user"): [f"arn:aws:iam::{account}:user/{user}" for user in self.users],
            ("iam", "policy"): [f"arn:aws:iam::{account}:policy/{p}" for p in ("base", "team/read", "team/write")],
            ("kms", "key"): regional("kms", "key/", [
                f"{hexadecimal(8)}-{hexadecimal(4)}-4{hexadecimal(3)}-a{hexadecimal(3)}-{hexadecimal(12)}"
                for _ in range(4)]),
            ("dynamodb", "table"): regional("dynamodb", "", tables, 7),
            ("dynamodb", "index"): regional("dynamodb", "", [f"{t}/index/by-{k}" for t in tables for k in "ab"], 5),
            ("logs", "log-group"): regional("logs", "log-group:", groups),
            ("logs", "log-stream"): regional("logs", "log-group:", [f"{g}:log-stream:s{n}" for g in groups for n in "12"]),
        }

    # Policies.

    def action_pattern(self, topic):
        """An action of a topic, exact or with wildcards, in any case."""
        service, kind = topic
        action = self.random.choice(ACTIONS[(service, "*")] if self.chance(0.06) else ACTIONS[topic])
        words = re.findall("[A-Z][a-z0-9]*", action)
        form = self.random.random()
        if form < 0.42:
            pattern = action
        elif form < 0.62:
            pattern = words[0] + "*"
        elif form < 0.70:
            pattern = "*" + words[-1]
        elif form < 0.75:
            pattern = action[0] + "*" + action[-2:]
        elif form < 0.83:
            at = self.random.randrange(len(action))
            pattern = action[:at] + "?" + action[at + 1:]
        elif form < 0.87:
            pattern = words[0] + "?*"
        elif form < 0.96:
            pattern = "*"
        else:
            return "*"
        whole = f"{service}:{pattern}"
        if self.chance(0.12):
            whole = self.random.choice([str.lower, str.upper, str.swapcase])(whole)
        return whole

    def resource_pattern(self, topic):
        """An ARN of a topic, exact or with wildcards, or all."""
        arn = self.random.choice(self.pool[topic])
        head, name = arn.rsplit(":", 1) if topic[0] in ("s3", "sqs") else split_kind(arn)
        form = self.random.random()
        if form < 0.22:
            return "*"
        if form < 0.42:
            pattern = name
        elif form < 0.60:
            pattern = name[:self.random.randrange(len(name) + 1)] + "*"
        elif form < 0.70:
            pattern = "*" + name[self.random.randrange(1, len(name) + 1):]
        elif form < 0.82:
            pattern = "".join("?" if self.chance(0.15) else letter for letter in name)
        elif form < 0.92:
            at, end = sorted(self.random.sample(range(len(name) + 1), 2))
            pattern = name[:at] + "*" + name[end:]
        else:
            pattern = "*"
        parts = head.split(":")
        if topic[0] not in ("s3", "route53", "iam") and self.chance(0.35):
            region = parts[3]
            parts[3] = self.random.choice(["*", region[:3] + "*", region[:-1] + "?", "*-1"])
        if topic[0] not in ("s3", "route53") and self.chance(0.2):
            parts[4] = self.random.choice(["*", self.account[:4] + "*"])
        separator = ":" if topic[0] in ("s3", "sqs") else ""
        return ":".join(parts) + separator + pattern

    def variable_pattern(self, topic):
        """An ARN with a policy variable; most are about objects and users, as in real policies."""
        bucket = self.random.choice(self.pool[("s3", "bucket")])
        if topic == ("iam", "user"):
            return f"arn:aws:iam::{self.account}:user/${{aws:username}}"
        return self.random.choice([
            f"{bucket}/home/${{aws:username}}/*",
            f"{bucket}/${{aws:PrincipalTag/team}}/*",
            f"{bucket}/${{aws:userid}}/*",
            f"{bucket}/home/${{aws:username, 'bob'}}/*",
            f"{bucket}/${{AWS:UserName}}*",
            f"{bucket}/tmp/${{*}}",
            f"{bucket}/${{saml:sub}}/*",
        ])

    def condition(self):
        """A condition, or an empty one, which is none."""
        account = self.account
        return self.random.choice([
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            {"BoolIfExists": {"aws:MultiFactorAuthPresent": ["false"]}},
            {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
            {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.7/32"]}},
            {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}},
            {"StringEquals": {"aws:PrincipalTag/team": self.random.choice(TEAMS)}},
            {"StringNotEquals": {"aws:username": self.random.choice(self.users)}},
            {"StringEqualsIgnoreCase": {"AWS:UserName": self.random.choice(self.users).upper()}},
            {"StringLike": {"s3:prefix": ["home/*", ""]}},
            {"StringEquals": {"aws:ResourceTag/env": "prod"}},
            {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{account}:user/*"}},
            {"ArnNotLike": {"aws:PrincipalArn": [f"arn:aws:iam::{account}:role/ops/*"]}},
            {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
            {"DateLessThan": {"aws:CurrentTime": "2021-06-30T23:59:59Z"}},
            {"Null": {"aws:MultiFactorAuthAge": "true"}},
            {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
            {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:username": self.random.choice(self.users)}},
            {},
        ])

    def statement(self, effect, broad=False):
        topic = self.random.choice(TOPICS)
        made = {"Effect": effect}
        if self.chance(0.3):
            self.serial += 1
            made["Sid"] = f"S{self.serial}"
        actions = [self.action_pattern(topic) for _ in range(self.random.choice([1, 1, 2, 3]))]
        if broad:
            # Boundaries are mostly wide, otherwise nothing would be allowed within them.
            actions = [f"{service}:*" for service in self.random.sample([t[0] for t in TOPICS], 8)]
        negated = self.chance(0.10 if effect == "Allow" else 0.05)
        if negated:
            # What is not excepted is everything else, of every service.
            actions = [a for a in actions if a != "*"] or ["iam:*"]
        made["NotAction" if negated else "Action"] = self.one_or_list(actions)
        resources = ["*"] if broad else [self.resource_pattern(topic) for _ in range(self.random.choice([1, 1, 2]))]
        except_resources = self.chance(0.08) and not broad
        if except_resources:
            resources = [r for r in resources if r != "*"] or [self.random.choice(self.pool[topic])]
        elif not broad and self.chance(0.25 if topic in (("s3", "object"), ("iam", "user")) else 0.01):
            resources[0] = self.variable_pattern(topic)
        made["NotResource" if except_resources else "Resource"] = self.one_or_list(resources)
        if self.chance(0.12):
            made["Condition"] = self.condition()
        keys = list(made)
        if self.chance(0.3):
            self.random.shuffle(keys)
        return {key: made[key] for key in keys}

    def one_or_list(self, values):
        return values[0] if len(values) == 1 and self.chance(0.6) else values

    def document(self, effects, broad=False):
        statements = [self.statement(effect, broad and effect == "Allow") for effect in effects]
        document = {"Version": "2012-10-17", "Statement": self.one_or_list(statements)}
        version = self.random.random()
        if version < 0.12:
            document["Version"] = "2008-10-17"
        elif version < 0.20:
            del document["Version"]
        return document

    def effects(self):
        return self.random.choice([["Allow"], ["Allow"], ["Allow", "Deny"], ["Allow", "Allow", "Deny"], ["Deny"],
                                   ["Allow", "Allow"]])

    def spelled(self, document):
        """A document as it stands, or as the string that the API itself returns."""
        if not self.chance(0.12):
            return document
        text = json.dumps(document, separators=(",", ":"))
        return self.random.choice([urllib.parse.quote(text, safe=""), urllib.parse.quote(text, safe="-_.~"), text])

    def managed_policy(self, arn, document, decoys=True):
        """A managed policy, of which one version of several is in force."""
        in_force = self.random.randint(1, 3) if decoys else 1
        count = self.random.randint(in_force, 4) if decoys else 1
        versions = []
        for number in range(count, 0, -1):
            # The others allow or deny everything: who reads the wrong one is noticed.
            body = document if number == in_force else {
                "Version": "2012-10-17",
                "Statement": [{"Effect": self.random.choice(["Allow", "Deny"]), "Action": "*", "Resource": "*"}]}
            versions.append({"Document": self.spelled(body), "VersionId": f"v{number}",
                             "IsDefaultVersion": number == in_force, "CreateDate": "2024-03-01T10:00:00+00:00"})
        path, name = arn.split(":policy")[1].rsplit("/", 1)
        self.managed[arn] = document
        return {"PolicyName": name, "PolicyId": self.id("ANPA"), "Arn": arn, "Path": path + "/",
                "DefaultVersionId": f"v{in_force}", "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0,
                "IsAttachable": True, "CreateDate": "2024-01-01T00:00:00+00:00",
                "UpdateDate": "2024-03-01T10:00:00+00:00", "PolicyVersionList": versions}

    def id(self, prefix):
        return prefix + "".join(self.random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=17))

    # The account.

    def make(self):
        account = self.account
        policies = [self.managed_policy(f"arn:aws:iam::{account}:policy/{name}", self.document(self.effects()))
                    for name in ("base", "team/read", "team/write", "extra-1", "extra-2")]
        boundaries = [self.managed_policy(
            f"arn:aws:iam::{account}:policy/boundary-{number}",
            self.document(effects, broad=True)) for number, effects in
            enumerate([["Allow"], ["Allow", "Deny"], ["Allow", "Allow"]])]
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        admin = self.managed_policy("arn:aws:iam::aws:policy/AdministratorAccess", everything, decoys=False)
        attachable = [policy["Arn"] for policy in policies]
        boundary_arns = [policy["Arn"] for policy in boundaries]
        missing = f"arn:aws:iam::{account}:policy/elsewhere/not-in-this-file"

        def attached(share_admin=0.08, share_missing=0.04):
            arns = self.random.sample(attachable, self.random.choice([0, 1, 1, 2]))
            if self.chance(share_admin):
                arns.append(admin["Arn"])
            if self.chance(share_missing):
                arns.append(missing)
            return [{"PolicyName": arn.rsplit("/", 1)[1], "PolicyArn": arn} for arn in arns]

        def inline(prefix):
            return [{"PolicyName": f"{prefix}-{number}", "PolicyDocument": self.document(self.effects())}
                    for number in range(self.random.choice([0, 1, 1, 2]))]

        def boundary():
            if not self.chance(0.3):
                return {}
            arn = missing if self.chance(0.08) else self.random.choice(boundary_arns)
            return {"PermissionsBoundary": {
                "PermissionsBoundaryType": self.random.choice(["Policy", "PermissionsBoundaryPolicy"]),
                "PermissionsBoundaryArn": arn}}

        groups = [{"Path": path, "GroupName": name, "GroupId": self.id("AGPA"),
                   "Arn": f"arn:aws:iam::{account}:group{path}{name}", "CreateDate": "2024-01-01T00:00:00+00:00",
                   "GroupPolicyList": inline(name), "AttachedManagedPolicies": attached(0.04, 0.02)}
                  for path, name in (("/", "developers"), ("/dept/", "auditors"))]
        users = []
        for name in self.users:
            user = {"Path": "/", "UserName": name, "UserId": self.id("AIDA"),
                    "Arn": f"arn:aws:iam::{account}:user/{name}", "CreateDate": "2024-01-01T00:00:00+00:00",
                    "UserPolicyList": inline(re.sub("[^a-zA-Z0-9]", "", name)),
                    "GroupList": [g["GroupName"] for g in groups if self.chance(0.45)],
                    "AttachedManagedPolicies": attached(), **boundary(), "Tags": []}
            if self.chance(0.5):
                user["Tags"] = [{"Key": "team", "Value": self.random.choice(TEAMS)}]
            users.append(user)
        roles = []
        for whole in self.roles:
            path, name = ("/" + whole).rsplit("/", 1)
            role = {"Path": path + "/", "RoleName": name, "RoleId": self.id("AROA"),
                    "Arn": f"arn:aws:iam::{account}:role/{whole}", "CreateDate": "2024-01-01T00:00:00+00:00",
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
                        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
                    "InstanceProfileList": [], "RolePolicyList": inline(name.replace(".", "")),
                    "AttachedManagedPolicies": attached(), **boundary(), "Tags": [], "RoleLastUsed": {}}
            roles.append(role)
        self.principals = [self.applying(who, groups) for who in users + roles]
        for holder in users + roles + groups:
            for kind in ("UserPolicyList", "RolePolicyList", "GroupPolicyList"):
                for policy in holder.get(kind, []):
                    policy["PolicyDocument"] = self.spelled(policy["PolicyDocument"])
        return {"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles,
                "Policies": policies + boundaries + [admin]}

    def applying(self, who, groups):
        """What a principal's questions are aimed at: its statements, and those of its boundary."""
        holders = [who] + [g for g in groups if g["GroupName"] in who.get("GroupList", [])]
        documents = [p["PolicyDocument"] for h in holders for kind in ("UserPolicyList", "RolePolicyList",
                                                                        "GroupPolicyList") for p in h.get(kind, [])]
        documents += [self.managed[a["PolicyArn"]] for h in holders for a in h["AttachedManagedPolicies"]
                      if a["PolicyArn"] in self.managed]
        boundary = self.managed.get(who.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"))
        return {"arn": who["Arn"], "identity": statements(documents),
                "boundary": statements([boundary]) if boundary else None}

    # Questions.

    def question(self, who, aim):
        """A question whose answer is probably `aim`."""
        for _ in range(400):
            if aim != "none" and self.chance(0.9):
                wanted = "Allow" if aim == "allow" else "Deny"
                own = [s for s in who["identity"] + (who["boundary"] or []) if s["Effect"] == wanted]
                if not own:
                    return None
                action, resource = self.inside(self.random.choice(own))
            elif who["identity"] and self.chance(0.75):
                action, resource = self.inside(self.random.choice(who["identity"]))
                action, resource = self.beside(action, resource)
            else:
                topic = self.random.choice(TOPICS)
                action = f"{topic[0]}:{self.random.choice(ACTIONS[topic])}"
                resource = self.random.choice(self.pool[topic])
            if action and guess(who, action, resource) == aim:
                if self.chance(0.05):
                    action = action.lower()
                return action, resource
        return None

    def inside(self, statement):
        """An action and a resource that a statement is about, if such a pair is easily found."""
        for _ in range(60):
            kind = self.random.random()
            topic = self.random.choice(list(ACTIONS) if kind < 0.1 else TOPICS)
            action = f"{topic[0]}:{self.random.choice(ACTIONS[topic])}"
            resource = "*" if topic[1] == "*" else self.random.choice(self.pool[topic])
            if applies(statement, action, resource):
                return action, resource
        return None, None

    def beside(self, action, resource):
        """Nearly the same question: another action, or another resource that looks alike."""
        if not action:
            return None, None
        service, name = action.split(":")
        topic = next(t for t in ACTIONS if t[0] == service and name in ACTIONS[t]
                     and (t[1] == "*") == (resource == "*") and (t[1] == "*" or kind_fits(t, resource)))
        if resource == "*" or self.chance(0.4):
            return f"{service}:{self.random.choice(ACTIONS[topic])}", resource
        if self.chance(0.5):
            return action, self.random.choice(self.pool[topic])
        if topic in (("s3", "object"), ("sqs", "queue"), ("dynamodb", "table"), ("logs", "log-group")):
            # One letter more, one less, another case: a pattern has two ends.
            return action, self.random.choice([resource + "x", resource[:-1], resource[:-1] + resource[-1].swapcase()])
        return action, resource


def split_kind(arn):
    """An ARN's head with the kind of resource, which takes no wildcard, and the name."""
    at = re.match(r"(arn:[^:]*:[^:]*:[^:]*:[^:]*:[^:/]*[:/])(.+)", arn)
    return at.group(1), at.group(2)


def kind_fits(topic, resource):
    if topic == ("dynamodb", "index"):
        return "/index/" in resource
    if topic == ("dynamodb", "table"):
        return "/index/" not in resource
    if topic == ("s3", "object"):
        return "/" in resource
    if topic == ("s3", "bucket"):
        return "/" not in resource
    if topic == ("logs", "log-stream"):
        return ":log-stream:" in resource
    if topic == ("logs", "log-group"):
        return ":log-stream:" not in resource
    return topic[0] == "sqs" or f":{topic[1]}/" in resource


def as_list(value):
    return value if isinstance(value, list) else [value]


def statements(documents):
    return [statement for document in documents for statement in as_list(document["Statement"])]


@functools.cache
def compiled(pattern):
    pattern = re.sub(r"\$\{[^}]*\}", "*", pattern).replace("[", "[[]")
    return re.compile(fnmatch.translate(pattern))


def roughly(pattern, text):
    return compiled(pattern).match(text) is not None


def applies(statement, action, resource):
    """Whether a statement is about a question, by a rough look that ignores conditions."""
    if "Action" in statement:
        hit = any(roughly(p.lower(), action.lower()) for p in as_list(statement["Action"]))
    else:
        hit = not any(roughly(p.lower(), action.lower()) for p in as_list(statement["NotAction"]))
    if not hit:
        return False
    if "Resource" in statement:
        return any(p == "*" if resource == "*" else roughly(p, resource) for p in as_list(statement["Resource"]))
    return not any(roughly(p, resource) for p in as_list(statement["NotResource"]))


def guess(who, action, resource):
    everything = who["identity"] + (who["boundary"] or [])
    if any(s["Effect"] == "Deny" and applies(s, action, resource) for s in everything):
        return "deny"
    allowed = all(any(s["Effect"] == "Allow" and applies(s, action, resource) for s in part)
                  for part in (who["identity"], who["boundary"]) if part is not None)
    return "allow" if allowed else "none"


def write(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1, ensure_ascii=False)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--triples", type=int, default=130, help="questions per world")
    parser.add_argument("--now", default="2026-11-22T10:00:00Z", help="when the accounts are said to have been read")
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    # So that no configuration of a directory further up is taken.
    open(os.path.join(arguments.out, "mainstay.toml"), "w").close()
    with open(os.path.join(arguments.out, "triples.jsonl"), "w", encoding="utf-8") as triples:
        for number in range(arguments.worlds):
            name = f"world-{number:02}"
            world = World(random.Random(f"{arguments.seed}/{number}"), name, arguments.now)
            directory = os.path.join(arguments.out, name)
            os.makedirs(directory, exist_ok=True)
            account = world.make()
            write(os.path.join(directory, "account.json"), account)
            write(os.path.join(directory, "account.json.meta.json"),
                  {"taken_at": arguments.now, "command": "aws iam get-account-authorization-details"})
            asked, tries = set(), 0
            while len(asked) < arguments.triples and tries < 40 * arguments.triples:
                tries += 1
                aim = world.random.choices(["allow", "deny", "none"], [38, 32, 30])[0]
                who = world.random.choice(world.principals)
                pair = world.question(who, aim)
                if pair is None or (who["arn"], *pair) in asked:
                    continue
                asked.add((who["arn"], *pair))
                triples.write(json.dumps({
                    "id": f"{name}/{len(asked):03}", "world": name, "account": world.account, "now": arguments.now,
                    "principal": who["arn"], "action": pair[0], "resource": pair[1]}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
