#!/usr/bin/env python3
"""Makes small clusters and questions about them, the same for the same seed.

    python3 generate.py OUT [--seed N] [--worlds N] [--questions N] [--now T]

Writes OUT/world-NN/cluster.json, as `kubectl get ... -o json` prints it, with its sidecar, one directory per hand-made
case, and OUT/questions.jsonl: the questions with the answer of authorizer.py.
"""

import argparse
import json
import os
import random

import authorizer
import questions

NAMESPACES = ["shop", "shop-dev", "ops", "kube-system"]
ACCOUNTS = ["web", "worker", "robot", "default"]
# Group, resource, subresources, whether it is in a namespace.
RESOURCES = [("", "pods", ["log", "exec", "status"], True), ("", "secrets", [], True), ("", "configmaps", [], True),
             ("", "services", ["proxy", "status"], True), ("", "serviceaccounts", ["token"], True),
             ("apps", "deployments", ["scale", "status"], True), ("apps", "statefulsets", ["scale"], True),
             ("extensions", "deployments", ["scale"], True), ("batch", "jobs", ["status"], True),
             ("rbac.authorization.k8s.io", "roles", [], True), ("networking.k8s.io", "ingresses", ["status"], True),
             ("", "nodes", ["proxy", "status"], False), ("", "namespaces", ["finalize"], False),
             ("rbac.authorization.k8s.io", "clusterroles", [], False)]
VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "escalate"]
# A name is known to the API server before the object is looked up, for these only.
NAMED = ["get", "update", "patch", "delete"]
NAMES = ["web", "web-0", "db.main", "log"]
URLS = ["/healthz", "/healthz/ready", "/metrics", "/apis", "/apis/apps/v1", "/version", "/"]
URL_RULES = ["*", "/healthz", "/healthz/*", "/metrics", "/apis*", "/apis/*/v1", "/version/*"]
LABELS = [("example.com/to-view", "true"), ("example.com/to-view", "false"), ("tier", "edit"), ("tier", "view")]


class World:
    """One cluster."""

    def __init__(self, random_source):
        self.random = random_source

    def chance(self, share):
        return self.random.random() < share

    def some(self, values, most):
        return self.random.sample(values, self.random.randint(1, min(most, len(values))))

    def rule(self, url_share):
        if self.chance(url_share):
            return {"verbs": self.verbs(), "nonResourceURLs": self.some(URL_RULES, 2)}
        picked = self.some(RESOURCES, 2)
        groups = sorted({group for group, *_ in picked})
        resources = []
        for _, resource, subresources, _ in picked:
            form = self.random.random()
            if form < 0.6 or not subresources:
                resources.append(resource)
            elif form < 0.8:
                resources.append(f"{resource}/{self.random.choice(subresources)}")
            elif form < 0.9:
                resources.append(f"*/{self.random.choice(subresources)}")
            else:
                resources.append(f"{resource}/*")  # looks like a wildcard and is none
        if self.chance(0.08):
            resources = ["*"]
        if self.chance(0.1):
            groups = ["*"]
        made = {"verbs": self.verbs(), "apiGroups": groups, "resources": resources}
        if self.chance(0.15):
            made["resourceNames"] = self.some(NAMES, 2)
        return made

    def verbs(self):
        return ["*"] if self.chance(0.12) else self.some(VERBS, 4)

    def rules(self, url_share):
        return [self.rule(url_share) for _ in range(self.random.choice([0, 1, 1, 2, 3]))]

    def subjects(self, home):
        made = []
        for _ in range(self.random.choice([0, 1, 1, 2])):
            namespace, name = self.random.choice(NAMESPACES), self.random.choice(ACCOUNTS)
            form = self.random.random()
            if form < 0.55:
                made.append(questions.subject(f"sa:{namespace}/{name}"))
            elif form < 0.7 and home != "*":
                made.append(questions.subject(f"sa:{name}"))
            elif form < 0.78:
                made.append(questions.subject(f"user:system:serviceaccount:{namespace}:{name}"))
            elif form < 0.86:
                made.append(questions.subject(f"group:system:serviceaccounts:{namespace}"))
            elif form < 0.9:
                made.append(questions.subject("group:" + self.random.choice(
                    ["system:serviceaccounts", "system:authenticated"])))
            else:
                made.append(questions.subject(self.random.choice(
                    ["user:" + name, "group:" + namespace, "group:system:unauthenticated", "user:*",
                     "group:system:serviceaccounts:"])))
        return made

    def make(self):
        items = questions.padding()
        items += [questions.account_object(namespace, name) for namespace in NAMESPACES for name in ACCOUNTS]
        cluster_roles = [f"cluster-{number}" for number in range(5)]
        for name in cluster_roles:
            labels = dict(self.some(LABELS, 2)) if self.chance(0.6) else None
            items.append(questions.role_object(name, self.rules(0.2), labels))
        aggregates = [f"aggregate-{number}" for number in range(2)]
        for name in aggregates:
            labels = dict(self.some(LABELS, 1)) if self.chance(0.4) else None
            items.append(questions.role_object(name, None, labels, self.selectors()))
        # As a cluster at rest shows them: the controller has filled in the rules.
        filled = authorizer.Cluster(items).cluster_rules
        for item in items:
            if "aggregationRule" in item:
                item["rules"] = filled[item["metadata"]["name"]] or None
        roles = [(namespace, f"role-{number}") for namespace in NAMESPACES for number in range(2)]
        for namespace, name in roles:
            items.append(questions.role_object(f"{namespace}/{name}", self.rules(0.03)))
        number = 0
        for namespace in NAMESPACES:
            for _ in range(self.random.randint(2, 4)):
                role = self.random.choice(cluster_roles + aggregates) if self.chance(0.45) else self.random.choice(
                    ["Role/role-0", "Role/role-1", "Role/role-2", "Role/cluster-0"])
                items.append(questions.binding_object(f"b{number}", namespace, role, self.subjects(namespace)))
                number += 1
        for _ in range(self.random.randint(2, 4)):
            role = self.random.choice(cluster_roles + aggregates + ["gone"])
            items.append(questions.binding_object(f"b{number}", "*", role, self.subjects("*")))
            number += 1
        self.random.shuffle(items)
        self.items = items
        return items

    def selectors(self):
        made = []
        for _ in range(self.random.choice([0, 1, 1, 2])):
            key, value = self.random.choice(LABELS)
            made.append(self.random.choice([
                {"matchLabels": {key: value}},
                {"matchLabels": {key: value, "tier": "edit"}},
                {"matchExpressions": [{"key": key, "operator": "In", "values": [value, "other"]}]},
                {"matchExpressions": [{"key": key, "operator": "NotIn", "values": [value]},
                                      {"key": "tier", "operator": "Exists"}]}]))
        return made

    def question(self):
        """A question near some rule of the cluster, or any."""
        asked = {"principal": f"{self.random.choice(NAMESPACES)}/{self.random.choice(ACCOUNTS)}"}
        rules = [rule for item in self.items for rule in item.get("rules") or []]
        rule = self.random.choice(rules) if rules and self.chance(0.8) else {}
        asked["verb"] = self.random.choice([v for v in rule.get("verbs", []) if v != "*"] or VERBS)
        if "nonResourceURLs" in rule or self.chance(0.03):
            return {**asked, "url": self.random.choice(URLS), "scope": "*"}
        group, resource, subresources, in_namespace = self.random.choice(
            [one for one in RESOURCES if one[1] in {r.split("/")[0] for r in rule.get("resources", [])}] or RESOURCES)
        asked["resource"] = resource
        if group:
            asked["group"] = group
        if subresources and self.chance(0.3):
            asked["subresource"] = self.random.choice(subresources)
        if asked["verb"] in NAMED and self.chance(0.4 if "resourceNames" in rule else 0.15):
            asked["name"] = self.random.choice(NAMES)
        asked["scope"] = self.random.choice(NAMESPACES) if in_namespace and self.chance(0.85) else "*"
        return asked


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--questions", type=int, default=100, help="per world")
    parser.add_argument("--now", default="2026-11-22T10:00:00Z", help="when the clusters are said to have been read")
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    # So that no configuration of a directory further up is taken.
    open(os.path.join(arguments.out, "mainstay.toml"), "w").close()
    with open(os.path.join(arguments.out, "questions.jsonl"), "w", encoding="utf-8") as file:

        def put(name, world, question, expect, **more):
            principal, action, scope = questions.spelled(question)
            kind = "url" if "url" in question else "subresource" if "subresource" in question else "resource"
            file.write(json.dumps({"id": name, "world": world, "principal": principal, "action": action,
                                   "scope": scope, "kind": kind, "now": arguments.now, "expect": expect, **more}) + "\n")

        for number, case in enumerate(questions.cases()):
            world = f"case-{number:03}"
            questions.write(os.path.join(arguments.out, world, "cluster.json"), questions.objects(case), arguments.now)
            put(f"case: {case['case']}", world, case, case["expect"], source=case["source"])
        for number in range(arguments.worlds):
            name = f"world-{number:02}"
            world = World(random.Random(f"{arguments.seed}/{number}"))
            items = world.make()
            questions.write(os.path.join(arguments.out, name, "cluster.json"), items, arguments.now)
            cluster = authorizer.Cluster(items)
            # Most random questions are answered with no: each answer gets at least two fifths.
            wanted = {"yes": 2 * arguments.questions // 5, "no": 3 * arguments.questions // 5}
            asked = set()
            for _ in range(200 * arguments.questions):
                question = world.question()
                answer = "yes" if cluster.allows(questions.request(question)) else "no"
                key = json.dumps(question, sort_keys=True)
                if wanted[answer] == 0 or key in asked:
                    continue
                asked.add(key)
                wanted[answer] -= 1
                put(f"{name}/{len(asked):03}", name, question, answer)
                if not any(wanted.values()):
                    break


if __name__ == "__main__":
    main()
