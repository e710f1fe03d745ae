"""The RBAC authorizer of Kubernetes, as it is documented, over a List of objects as `kubectl get -o json` prints it.

Written from the documentation ("Using RBAC Authorization", "Authenticating: service account tokens") and from how the
upstream functions behave (RuleAllows, VerbMatches, APIGroupMatches, ResourceMatches, ResourceNameMatches,
NonResourceURLMatches, appliesTo, VisitRulesFor, the aggregation controller). It knows nothing of mainstay.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Request:
    """What is asked. A request is about a resource, or about a URL that is none."""

    user: str
    groups: tuple
    verb: str
    namespace: str = ""  # empty: not in a namespace, or in all of them
    group: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    url: str = ""


def service_account(namespace, name):
    """The user name and the groups that the API server gives a service account."""
    return (f"system:serviceaccount:{namespace}:{name}",
            ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"))


def rule_allows(rule, request):
    verbs = rule.get("verbs") or []
    if not ("*" in verbs or request.verb in verbs):
        return False
    if request.url:
        return any(url_matches(url, request.url) for url in rule.get("nonResourceURLs") or [])
    groups = rule.get("apiGroups") or []
    if not ("*" in groups or request.group in groups):
        return False
    if not any(resource_matches(one, request) for one in rule.get("resources") or []):
        return False
    names = rule.get("resourceNames") or []
    return not names or request.name in names


def resource_matches(granted, request):
    """A resource and its subresources are different things; only `*` is both."""
    if granted == "*":
        return True
    asked = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
    if granted == asked:
        return True
    return bool(request.subresource) and granted == "*/" + request.subresource


def url_matches(granted, asked):
    """A star counts at the end only."""
    if granted in ("*", asked):
        return True
    return granted.endswith("*") and asked.startswith(granted.rstrip("*"))


def subject_is(subject, request, namespace):
    """Whether a subject of a binding in a namespace (empty: a ClusterRoleBinding) is who asks."""
    kind, name = subject.get("kind"), subject.get("name")
    if kind == "User":
        return request.user == name
    if kind == "Group":
        return name in request.groups
    if kind == "ServiceAccount":
        home = subject.get("namespace") or namespace
        return bool(home) and request.user == f"system:serviceaccount:{home}:{name}"
    return False


class Cluster:
    """The objects of a List that matter."""

    def __init__(self, items):
        self.roles, self.cluster_roles, self.bindings = {}, {}, []
        for item in items:
            kind, meta = item["kind"], item["metadata"]
            if kind == "Role":
                self.roles[(meta["namespace"], meta["name"])] = item
            elif kind == "ClusterRole":
                self.cluster_roles[meta["name"]] = item
            elif kind in ("RoleBinding", "ClusterRoleBinding"):
                self.bindings.append((meta.get("namespace", "") if kind == "RoleBinding" else "", item))
        self.aggregate()

    def aggregate(self):
        """What the controller makes of aggregated roles: their rules are those of the roles they select, at rest."""
        rules = {name: [] if role.get("aggregationRule") else list(role.get("rules") or [])
                 for name, role in self.cluster_roles.items()}
        changed = True
        while changed:
            changed = False
            for name, role in self.cluster_roles.items():
                for selector in (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or []:
                    for other, source in self.cluster_roles.items():
                        if other == name or not selects(selector, source["metadata"].get("labels") or {}):
                            continue
                        fresh = [rule for rule in rules[other] if rule not in rules[name]]
                        rules[name] += fresh
                        changed = changed or bool(fresh)
        self.cluster_rules = rules

    def rules_of(self, reference, namespace):
        """The rules of the role that a binding refers to; a role that is not there has none."""
        if reference.get("kind") == "ClusterRole":
            return self.cluster_rules.get(reference["name"], [])
        if reference.get("kind") == "Role" and namespace:
            return (self.roles.get((namespace, reference["name"])) or {}).get("rules") or []
        return []

    def allows(self, request):
        """Whether some rule of some binding allows it. There is no way to deny."""
        for namespace, binding in self.bindings:
            # A RoleBinding counts in its namespace only, so not for what is in none.
            if namespace and namespace != request.namespace:
                continue
            if not any(subject_is(subject, request, namespace) for subject in binding.get("subjects") or []):
                continue
            if any(rule_allows(rule, request) for rule in self.rules_of(binding["roleRef"], namespace)):
                return True
        return False


def selects(selector, labels):
    """Label selectors: all of matchLabels and matchExpressions; an empty one selects everything."""
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for expression in selector.get("matchExpressions") or []:
        key, values = expression["key"], expression.get("values") or []
        holds = {"In": key in labels and labels[key] in values,
                 "NotIn": key not in labels or labels[key] not in values,
                 "Exists": key in labels,
                 "DoesNotExist": key not in labels}[expression["operator"]]
        if not holds:
            return False
    return True
