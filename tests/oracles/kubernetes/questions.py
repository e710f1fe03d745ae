"""Questions about clusters, the hand-made cases, and how a question is spelled for `mainstay can`."""

import json
import os

import authorizer

HERE = os.path.dirname(os.path.abspath(__file__))
RBAC = "rbac.authorization.k8s.io"
COMMAND = "kubectl get sa,roles,rolebindings,clusterroles,clusterrolebindings -A -o json"


def spelled(question):
    """(principal, action, scope) as `mainstay can` takes them.

    The action is `verb resource.group`, as for `kubectl auth can-i`; of the core group `verb resource`; of a subresource
    `verb resource/subresource.group`; with a name `verb resource.group/NAME`. What comes before the first slash has a
    dot exactly if the name follows, so the core group writes `verb resource./NAME` then: `get pods./log` is the pod
    named log, `get pods/log` the log of any pod.
    """
    namespace, name = question["principal"].split("/")
    if question.get("url"):
        action = f"{question['verb']} {question['url']}"
    else:
        resource, group = question["resource"], question.get("group", "")
        if question.get("subresource"):
            resource += "/" + question["subresource"]
        if group or question.get("name"):
            resource += "." + group
        if question.get("name"):
            resource += "/" + question["name"]
        action = f"{question['verb']} {resource}"
    return f"kubernetes:ServiceAccount/{namespace}/{name}", action, question["scope"]


def request(question):
    """The same for the authorizer. `*` as scope is the whole cluster, as an empty namespace is upstream."""
    user, groups = authorizer.service_account(*question["principal"].split("/"))
    return authorizer.Request(
        user, groups, question["verb"], "" if question["scope"] == "*" else question["scope"],
        question.get("group", ""), question.get("resource", ""), question.get("subresource", ""),
        question.get("name", ""), question.get("url", ""))


# Cases are written briefly; this makes the objects that they stand for.

def words(text):
    return text.split(",") if text else [""]


def rule(brief):
    """[verbs, groups, resources, names?] or [verbs, "url", URLs]; commas between several."""
    if brief[1] == "url":
        return {"verbs": words(brief[0]), "nonResourceURLs": words(brief[2])}
    made = {"verbs": words(brief[0]), "apiGroups": words(brief[1]), "resources": words(brief[2])}
    if len(brief) > 3:
        made["resourceNames"] = words(brief[3])
    return made


def subject(brief):
    """sa:NAME, sa:NS/NAME, user:NAME, group:NAME."""
    kind, name = brief.split(":", 1)
    if kind == "sa":
        home, _, own = name.rpartition("/")
        return {"kind": "ServiceAccount", "name": own, **({"namespace": home} if home else {})}
    return {"kind": {"user": "User", "group": "Group"}[kind], "name": name, "apiGroup": RBAC}


def role_object(name, rules, labels=None, aggregate=None):
    """NAME is a ClusterRole, NS/NAME a Role."""
    home, _, own = name.rpartition("/")
    made = {"apiVersion": RBAC + "/v1", "kind": "Role" if home else "ClusterRole",
            "metadata": {"name": own, **({"namespace": home} if home else {}), **({"labels": labels} if labels else {})},
            "rules": rules}
    if aggregate is not None:
        made["aggregationRule"] = {"clusterRoleSelectors": aggregate}
    return made


def binding_object(name, home, role, subjects):
    """HOME is a namespace or `*`; ROLE is a ClusterRole, or a Role if written Role/NAME."""
    kind, _, own = role.rpartition("/")
    return {"apiVersion": RBAC + "/v1", "kind": "ClusterRoleBinding" if home == "*" else "RoleBinding",
            "metadata": {"name": name, **({} if home == "*" else {"namespace": home})},
            "roleRef": {"apiGroup": RBAC, "kind": kind or "ClusterRole", "name": own}, "subjects": subjects}


def account_object(namespace, name):
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def padding():
    """One of each kind, about nobody who is asked about: a kind of which there is none counts as not listed."""
    return [account_object("padding", "padding"),
            role_object("padding/padding", []), role_object("padding", []),
            binding_object("padding", "padding", "Role/padding", [subject("sa:padding")]),
            binding_object("padding", "*", "padding", [subject("sa:padding/padding")])]


def objects(case):
    labels, aggregates = case.get("labels", {}), case.get("aggregates", {})
    items = padding()
    for name, rules in case.get("roles", {}).items():
        items.append(role_object(name, [rule(one) for one in rules], labels.get(name), aggregates.get(name)))
    for name, selectors in aggregates.items():
        if name not in case.get("roles", {}):
            items.append(role_object(name, None, labels.get(name), selectors))
    for number, binding in enumerate(case.get("bindings", [])):
        items.append(binding_object(f"b{number}", binding["in"], binding["role"],
                                    [subject(one) for one in binding["to"]]))
    namespace, name = case["principal"].split("/")
    items.append(account_object(namespace, name))
    return items


def listing(items):
    return {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items}


def write(path, items, now):
    """A snapshot with its sidecar."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(listing(items), file, indent=1)
    with open(path + ".meta.json", "w", encoding="utf-8") as file:
        json.dump({"taken_at": now, "command": COMMAND}, file)


def cases():
    with open(os.path.join(HERE, "cases.json"), encoding="utf-8") as file:
        return json.load(file)
