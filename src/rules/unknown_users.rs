//! `unknown-users`: something is destroyed and no complete source lists who uses that kind of thing.

use super::view::{called, destroys, finish, turns_off, with_undo};
use super::{Draft, Judged, Rule};
use crate::model::{Action, Class, Listing, Node, NodeIx, Source, Strength, Support};
use crate::verdict::{Certainty, RuleText};
use std::collections::BTreeSet;

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "unknown-users",
        what: "something is destroyed, and no complete source lists who uses that kind of thing",
        why: "\"nothing rests on it\" may only be said where everything that could rest on it was looked at; on the first \
              day, without snapshots, nothing was",
        example: "a role assignment is deleted, and there is no dump of the cluster whose workloads might use its principal",
        resolve: "give the snapshot that the finding names; if it is complete and nothing uses the thing, the finding goes",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let rated = judged.estate.nodes.iter().any(|node| node.workload.as_ref().is_some_and(|tag| tag.rated))
        || !judged.declarations.workloads.is_empty();
    let gone: BTreeSet<NodeIx> = judged.removed().map(|(index, ..)| index).collect();
    // Who uses an account that goes as well is said of that, once.
    let goes_with_its_own = |node: &Node| {
        let is_own = |support: &Support| {
            let whose = judged.estate.node(support.node).map(|whose| whose.class);
            whose == Some(Class::Identity) && gone.contains(&support.node)
        };
        node.class == Class::Credential
            && node
                .needs
                .iter()
                .any(|need| need.strength != Strength::Assumed && need.supports.iter().any(is_own))
    };
    judged
        .removed_things()
        // A workload is missed by people, not by other things; but for one in which others run.
        .filter(|(_, node, _)| node.class != Class::Workload || !node.users_listed_by.is_empty())
        .filter(|(index, _, _)| !judged.is_evicted(*index))
        .filter(|(_, node, _)| !goes_with_its_own(node))
        .filter_map(|(index, node, change)| {
            let allowance = judged.estate.allowances.get(&index);
            if judged.is_covered(index) {
                return None;
            }
            let why = unknown(judged, index)?;
            // What nobody described has no better name than its address.
            let thing = match node.class {
                Class::Other => node.id.to_string(),
                class => format!("{} {}", class.word(), called(node)),
            };
            let updated = judged.change(change).filter(|change| change.action == Action::Update);
            let title = match updated {
                Some(change) => {
                    let does = match turns_off(node, change) {
                        Some(turns) => format!("{turns} {thing}"),
                        None => format!("takes {thing} out of it"),
                    };
                    format!("the update of {} {does}, and who uses it is not known", change.address)
                }
                None => format!("this plan {} {thing}, and who uses it is not known", destroys(node)),
            };
            let help = if node.users_listed_by.is_empty() { FIND_OUT } else { HELP };
            let mut finding =
                judged.finding("unknown-users", title, judged.subject(node, Some(change)), help);
            finding.certainty = Certainty::Possible;
            finding.causes.extend(judged.cause(change, true, true));
            if let Some(access) = &node.access {
                finding.lost.push(super::breaks_workload::lost_grant(judged, access));
            }
            finding.missing_input = why.should_be_there && rated;
            finding.unknown_because = why.reasons;
            if let Some(allowance) = allowance {
                for reason in judged.doubts(*allowance).0 {
                    if !finding.unknown_because.contains(&reason) {
                        finding.unknown_because.push(reason);
                    }
                }
            }
            with_undo(&mut finding, node);
            let lesser =
                matches!(node.class, Class::Other | Class::Network | Class::Dns | Class::Flag | Class::Role);
            Some(Draft { finding: finish(finding), lesser })
        })
        .collect()
}

pub struct Why {
    reasons: Vec<String>,
    should_be_there: bool,
}

/// Why the users of a node are not known; `None` if they are.
pub fn unknown(judged: &Judged<'_>, index: NodeIx) -> Option<Why> {
    let node = judged.estate.node(index)?;
    if node.class == Class::Grant
        && let Some(access) = &node.access
        && access.principal_node.is_none()
    {
        return Some(Why {
            reasons: vec![match principals(&access.principal.spelt()) {
                Some(command) => {
                    format!("no source knows principal {} (to settle it: {command})", access.principal)
                }
                None => format!("no source knows who makes use of {}", access.principal),
            }],
            should_be_there: false,
        });
    }
    if node.users_listed_by.is_empty() {
        if judged.estate.acting.contains(&index) {
            return None;
        }
        return Some(Why {
            reasons: vec!["no kind of source lists the users of such a thing".to_owned()],
            should_be_there: false,
        });
    }
    let mut reasons = Vec::new();
    let mut should_be_there = false;
    let mut listed = false;
    for entry in node.users_listed_by.iter() {
        let parts: Vec<&str> = entry.as_str().split('&').map(str::trim).collect();
        let giving: Vec<Vec<&Source>> = parts.iter().map(|part| sources_of(judged, part)).collect();
        let complete = giving.iter().all(|sources| sources.iter().any(|source| source.complete()));
        let partial: Vec<&&Source> = giving.iter().flatten().filter(|source| !source.complete()).collect();
        if complete && partial.is_empty() {
            listed = true;
            continue;
        }
        for source in partial {
            should_be_there = true;
            let why = source.doubt.as_ref().map_or("incomplete", |doubt| doubt.reason());
            reasons.push(format!("{}: {why}", source.path));
        }
        if reasons.is_empty() {
            let command = parts.first().map_or(COMMAND, |listing| command(listing));
            reasons.push(format!("no source lists {} (to settle it: {command})", parts.join(" and ")));
        }
    }
    for source in judged.sources {
        if let Some(why) = source.missed() {
            should_be_there = true;
            reasons.push(format!("{}: {why}", source.path));
        }
    }
    reasons.dedup();
    if listed && !should_be_there { None } else { Some(Why { reasons, should_be_there }) }
}

/// The command that lists those who are named like this; none: a service of a cloud is in no listing.
fn principals(name: &str) -> Option<&'static str> {
    Some(if name.ends_with(".amazonaws.com") {
        return None;
    } else if name.starts_with("arn:") {
        "aws iam get-account-authorization-details"
    } else if name.contains(".svc.id.goog[") {
        "kubectl get sa -A -o json"
    } else if name.starts_with("serviceAccount:") {
        "gcloud iam service-accounts list --format=json"
    } else if name.contains(':') {
        "gcloud asset search-all-iam-policies --format=json"
    } else {
        "az identity list -o json; az ad sp list --all -o json"
    })
}

/// The command that gives a listing of users.
fn command(listing: &str) -> &'static str {
    match listing {
        "aws:instances" => "aws ec2 describe-instances --output json",
        "aws:functions" => "aws lambda list-functions --output json",
        "aws:listeners" => "aws elbv2 describe-listeners --load-balancer-arn ARN --output json",
        "aws:roles" | "aws:users" | "aws:groups" => "aws iam get-account-authorization-details --output json",
        _ => COMMAND,
    }
}

const COMMAND: &str =
    "kubectl get deploy,sts,ds,job,cronjob,pod,sa,ingress,certificate,issuer,clusterissuer -A -o json";

fn sources_of<'a>(judged: &Judged<'a>, listing: &str) -> Vec<&'a Source> {
    judged.sources.iter().filter(|source| source.lists.contains_key(&Listing::new(listing))).collect()
}

/// No snapshot would help.
const FIND_OUT: &str = "find out who uses it before it goes; if it is meant to go, people sign for it";

const HELP: &str = "give the snapshot named above; without it people must sign";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Alias;

    #[test]
    fn each_principal_is_in_some_listing() {
        for (name, command) in [
            (
                "serviceAccount:sp@shop.iam.gserviceaccount.com",
                "gcloud iam service-accounts list --format=json",
            ),
            ("serviceAccount:shop.svc.id.goog[web/web]", "kubectl get sa -A -o json"),
            ("group:a@x.test", "gcloud asset search-all-iam-policies --format=json"),
            ("arn:aws:iam::1:role/a", "aws iam get-account-authorization-details"),
            ("1f0c", "az identity list -o json; az ad sp list --all -o json"),
        ] {
            assert_eq!(principals(&Alias::new("principal", name).spelt()), Some(command), "{name}");
        }
        assert_eq!(principals("apigateway.amazonaws.com"), None);
    }
}
