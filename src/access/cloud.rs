//! Which cloud speaks, told by how it spells things, and what of that concerns others than its own rules.

use super::World;
use super::azure::subscription_of;
use super::google;
use crate::model::{Alias, Listing, Node};

/// A system with rules of its own about who may do what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cloud {
    /// Role-based access control of Azure.
    Azure,
    /// IAM of AWS.
    Aws,
    /// IAM of Google Cloud.
    Google,
    /// Role-based access control of Kubernetes.
    Kubernetes,
}

/// A listing that would show more grants, and the part of the cloud that it must be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The listing.
    pub listing: Listing,
    /// Any of these parts does; empty: whatever the part.
    pub parts: Vec<String>,
}

impl Shown {
    pub(super) fn new(listing: &str, parts: Vec<String>) -> Shown {
        Shown { listing: Listing::new(listing), parts }
    }
}

impl Cloud {
    /// The cloud that a grant says it is of; `None`: one whose rules are not known here, such as a key vault's own.
    pub fn named(name: &str) -> Option<Cloud> {
        match name {
            "azure" => Some(Cloud::Azure),
            "aws" => Some(Cloud::Aws),
            "google" => Some(Cloud::Google),
            "kubernetes" => Some(Cloud::Kubernetes),
            _ => None,
        }
    }

    /// The cloud that a listing is of.
    pub fn of_listing(listing: &Listing) -> Option<Cloud> {
        Cloud::named(listing.as_str().split(':').next().unwrap_or_default())
    }

    /// The cloud that spells an action and a scope like this.
    ///
    /// `Microsoft.X/y/z` on `/…`, `service:Action` on an ARN or `*`, `service.things.verb` on `projects/ID` or
    /// `//service/…`, `verb resource.group` on a namespace or `*`.
    pub fn spelling(action: &str, scope: &str) -> Option<Cloud> {
        let arn = scope == "*" || scope.starts_with("arn:") || scope.starts_with("known after apply");
        if action.contains(' ') {
            (!scope.contains('/') && !scope.contains(':')).then_some(Cloud::Kubernetes)
        } else if action.contains('/') {
            scope.starts_with('/').then_some(Cloud::Azure)
        } else if action.contains(':') {
            arn.then_some(Cloud::Aws)
        } else if action.contains('.') {
            google::is_resource(scope).then_some(Cloud::Google)
        } else {
            None
        }
    }

    /// The name under which its grants know somebody.
    pub fn principal(self, node: &Node) -> Option<&Alias> {
        match self {
            Cloud::Kubernetes => Cloud::of_cluster(node).or_else(|| node.principal()),
            Cloud::Azure | Cloud::Aws | Cloud::Google => node.principal(),
        }
    }

    /// The name under which bindings of Kubernetes know somebody: a service account, a user or a group.
    pub fn of_cluster(node: &Node) -> Option<&Alias> {
        let is_one = |alias: &&Alias| match alias.space() {
            "kubernetes" => alias.value().starts_with("ServiceAccount/"),
            space => matches!(space, "kubernetes-user" | "kubernetes-group"),
        };
        node.aliases.iter().find(is_one)
    }

    /// The name of what an action is done on, under which a plan or a listing may know it.
    pub fn place(self, scope: &str) -> Option<Alias> {
        match self {
            Cloud::Azure => Some(Alias::new("azure", scope)),
            Cloud::Aws => scope.starts_with("arn:").then(|| Alias::new("aws", scope)),
            Cloud::Google => Some(Alias::new("google", &google::full_name(scope))),
            Cloud::Kubernetes => None,
        }
    }

    /// Where grants would be seen that let this principal do something on this scope.
    pub fn shown_by(self, world: &World, principal: &Alias, scope: &str) -> Vec<Shown> {
        match self {
            Cloud::Azure => {
                let part = subscription_of(&scope.to_lowercase()).map(str::to_owned);
                vec![Shown::new("azure:role-assignments", part.into_iter().collect())]
            }
            Cloud::Aws => super::aws::shown_by(principal),
            Cloud::Google => google::shown_by(world, scope),
            Cloud::Kubernetes => ["kubernetes:RoleBinding", "kubernetes:ClusterRoleBinding"]
                .map(|listing| Shown::new(listing, Vec::new()))
                .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_is_known_by_its_spelling() {
        for (action, scope, cloud) in [
            ("Microsoft.Network/dnsZones/TXT/write", "/subscriptions/x", Some(Cloud::Azure)),
            ("*/read", "/", Some(Cloud::Azure)),
            ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z", Some(Cloud::Aws)),
            ("s3:*", "*", Some(Cloud::Aws)),
            ("dns.changes.create", "projects/p1", Some(Cloud::Google)),
            ("dns.changes.create", "//dns.googleapis.com/projects/p1/managedZones/z", Some(Cloud::Google)),
            ("get pods", "shop", Some(Cloud::Kubernetes)),
            ("create deployments.apps", "*", Some(Cloud::Kubernetes)),
            ("Microsoft.Network/dnsZones/TXT/write", "projects/p1", None),
            ("s3:GetObject", "bucket", None),
            ("write", "/", None),
        ] {
            assert_eq!(Cloud::spelling(action, scope), cloud, "{action} on {scope}");
        }
    }
}
