//! What is asked, and whether a rule allows it.

use crate::model::Permission;

/// What is asked, in the spelling of `mainstay can`; see [`Asked::parse`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Asked {
    pub verb: String,
    /// `resource.group`, with a dot at its end for the core group; `url:/path`.
    pub resource: String,
    /// The object's name; none: any.
    pub name: Option<String>,
}

impl Asked {
    /// Reads `verb WHAT`, as for `kubectl auth can-i`, but that it says where a name begins:
    ///
    /// | `WHAT` | means |
    /// |---|---|
    /// | `pods`, `deployments.apps` | any object |
    /// | `pods/log`, `deployments/scale.apps` | a subresource of any object |
    /// | `pods./web-0`, `deployments.apps/web` | an object: a dot before the first slash, the name after it |
    /// | `pods/log./web-0`, `deployments/scale.apps/web` | a subresource of an object |
    /// | `/healthz` | a URL that is no resource |
    pub fn parse(action: &str) -> Option<Asked> {
        let (verb, what) = action.split_once(' ')?;
        let (verb, what) = (verb.to_owned(), what.trim());
        if what.starts_with('/') {
            return Some(Asked { verb, resource: format!("url:{what}"), name: None });
        }
        let split = |text: &str| match text.split_once('/') {
            Some((one, rest)) => (one.to_owned(), Some(rest.to_owned())),
            None => (text.to_owned(), None),
        };
        let (first, rest) = split(what);
        if let Some((plural, group)) = first.split_once('.') {
            return Some(Asked { verb, resource: format!("{plural}.{group}"), name: rest });
        }
        let Some(rest) = rest else { return Some(Asked { verb, resource: format!("{first}."), name: None }) };
        let (part, name) = split(&rest);
        let (sub, group) = part.split_once('.').unwrap_or((&part, ""));
        Some(Asked { verb, resource: format!("{first}/{sub}.{group}"), name })
    }

    /// Whether it is a URL that is no resource, and so in no namespace.
    pub fn is_url(&self) -> bool {
        self.resource.starts_with("url:")
    }

    /// As people write it: what [`Asked::parse`] reads.
    pub fn written(&self) -> String {
        let resource = self.resource.strip_prefix("url:").unwrap_or(&self.resource);
        match &self.name {
            Some(name) => format!("{} {resource}/{name}", self.verb),
            None => format!("{} {}", self.verb, resource.trim_end_matches('.')),
        }
    }
}

/// Whether a rule allows all that is asked. Source: Kubernetes, `RuleAllows` of the RBAC authorizer.
pub(super) fn allows(rule: &Permission, asked: &Asked) -> bool {
    (asked.is_url() || allows_name(rule, asked.name.as_deref()))
        && allows_verb(rule, &asked.verb)
        && allows_resource(rule, &asked.resource)
}

/// What is asked without a name is about all names, and a rule for some is not: so it is upstream, where a list, a
/// creation or a deletion of all carries no name.
pub(super) fn allows_name(rule: &Permission, name: Option<&str>) -> bool {
    rule.names.is_empty() || rule.names.iter().any(|own| own == name.unwrap_or_default())
}

pub(super) fn allows_verb(rule: &Permission, verb: &str) -> bool {
    rule.actions.iter().any(|own| own == "*" || own == verb)
}

pub(super) fn allows_resource(rule: &Permission, resource: &str) -> bool {
    rule.resources.iter().any(|own| resource_matches(own, resource))
}

/// `resource.group` of a rule against the same of a request. `pods` does not mean `pods/log`. Source: Kubernetes,
/// `ResourceMatches`, `APIGroupMatches`, `NonResourceURLMatches`.
fn resource_matches(own: &str, asked: &str) -> bool {
    match (own.strip_prefix("url:"), asked.strip_prefix("url:")) {
        (Some(own), Some(asked)) => {
            return own == asked || own.ends_with('*') && asked.starts_with(own.trim_end_matches('*'));
        }
        (None, None) => {}
        _ => return false,
    }
    let (Some((own, group)), Some((asked, asked_group))) = (own.split_once('.'), asked.split_once('.'))
    else {
        return false;
    };
    let sub = || asked.split_once('/').map(|(_, sub)| sub);
    let every_sub = || own.strip_prefix("*/").is_some_and(|own| sub() == Some(own));
    (group == "*" || group == asked_group) && (own == "*" || own == asked || every_sub())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_before_the_first_slash_says_that_a_name_follows() {
        for (action, resource, name, written) in [
            ("get pods", "pods.", "", "get pods"),
            ("get pods.", "pods.", "", "get pods"),
            ("list deployments.apps", "deployments.apps", "", "list deployments.apps"),
            ("get pods/log", "pods/log.", "", "get pods/log"),
            ("get pods/web-0", "pods/web-0.", "", "get pods/web-0"),
            ("get pods./log", "pods.", "log", "get pods./log"),
            ("get pods./web-0", "pods.", "web-0", "get pods./web-0"),
            ("get pods/log./web-0", "pods/log.", "web-0", "get pods/log./web-0"),
            ("get deployments.apps/web", "deployments.apps", "web", "get deployments.apps/web"),
            ("update deployments/scale.apps", "deployments/scale.apps", "", "update deployments/scale.apps"),
            (
                "update deployments/scale.apps/web",
                "deployments/scale.apps",
                "web",
                "update deployments/scale.apps/web",
            ),
            (
                "get roles.rbac.authorization.k8s.io/my.role",
                "roles.rbac.authorization.k8s.io",
                "my.role",
                "get roles.rbac.authorization.k8s.io/my.role",
            ),
            ("get /healthz/x", "url:/healthz/x", "", "get /healthz/x"),
            ("* *.*", "*.*", "", "* *.*"),
        ] {
            let asked = Asked::parse(action).unwrap();
            assert_eq!(
                (asked.resource.as_str(), asked.name.as_deref().unwrap_or_default()),
                (resource, name)
            );
            assert_eq!(asked.written(), written);
            assert_eq!(Asked::parse(written).unwrap(), asked);
        }
        assert_eq!(Asked::parse("pods"), None, "no verb");
    }

    #[test]
    fn resources_match_as_upstream_matches_them() {
        for (own, asked, yes) in [
            ("pods.", "pods.", true),
            ("pods.", "pods/log.", false),
            ("pods/log.", "pods/log.", true),
            ("*.", "pods/log.", true),
            ("*.apps", "pods.", false),
            ("*.*", "x.y.z", true),
            ("*/scale.*", "deployments/scale.apps", true),
            ("*/scale.*", "deployments/status.apps", false),
            ("pods/*.", "pods/log.", false),
            ("url:/a*", "url:/a/b", true),
            ("url:/a**", "url:/a/b", true),
            ("url:/a/*", "url:/a", false),
            ("url:*", "url:/a", true),
            ("url:/a/*/c", "url:/a/b/c", false),
            ("*.*", "url:/a", false),
            ("url:*", "pods.", false),
        ] {
            assert_eq!(resource_matches(own, asked), yes, "{own} {asked}");
        }
    }
}
