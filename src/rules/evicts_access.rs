//! `evicts-access`: what says that there is nothing else takes away what it never mentions.

use super::view::{finish, with_undo};
use super::{Draft, Judged, Rule};
use crate::estate::{Denied, Evicted, Unlisted, presence};
use crate::model::{ChangeIx, NodeIx, Presence};
use crate::verdict::{Certainty, RuleText};
use std::collections::{BTreeMap, BTreeSet};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "evicts-access",
        what: "an authoritative object, or a deny, takes access from members whose own grants the plan never mentions",
        why: "a binding of Google Cloud drops every other member of its role when it is made, and an exclusive attachment of \
              AWS every other attachment; the plan shows one line that is created",
        example: "google_project_iam_binding for roles/dns.admin is created with one member; cert-manager had the role by a \
                  grant of another workspace, and loses it",
        resolve: "use the form that adds (google_project_iam_member, aws_iam_role_policy_attachment), or list everybody who \
                  is to stay",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let mut by_change: BTreeMap<ChangeIx, Vec<&Evicted>> = BTreeMap::new();
    for evicted in judged.estate.evicted.iter().filter(|evicted| judged.makes(evicted.change)) {
        // What something else still covers is no loss.
        if !judged.is_covered(evicted.grant) {
            by_change.entry(evicted.change).or_default().push(evicted);
        }
    }
    let mut out: Vec<Draft> =
        by_change.iter().filter_map(|(change, evicted)| finding(judged, *change, evicted)).collect();
    let unlisted = judged.estate.unlisted.iter().filter(|unlisted| judged.makes(unlisted.change));
    out.extend(denials(judged));
    out.extend(
        unlisted.filter(|one| !by_change.contains_key(&one.change)).filter_map(|one| perhaps(judged, one)),
    );
    out
}

/// What new denies take a part of, one finding for each change that makes some.
fn denials(judged: &Judged<'_>) -> Vec<Draft> {
    let mut by_change: BTreeMap<ChangeIx, Vec<&Denied>> = BTreeMap::new();
    for denied in judged.estate.denied.iter().filter(|denied| judged.makes(denied.change)) {
        // What something else still allows is no loss.
        if !judged.is_covered(denied.grant) {
            by_change.entry(denied.change).or_default().push(denied);
        }
    }
    by_change.iter().filter_map(|(change, denied)| denial(judged, *change, denied)).collect()
}

fn denial(judged: &Judged<'_>, change: ChangeIx, denied: &[&Denied]) -> Option<Draft> {
    let made = judged.change(change)?;
    let who: BTreeSet<String> = denied.iter().filter_map(|denied| holder(judged, denied.grant)).collect();
    let first = judged.estate.node(denied.first()?.grant)?.access.as_ref()?;
    let role = first.role.clone().unwrap_or_else(|| "access".to_owned());
    let more = match denied.len() - 1 {
        0 => String::new(),
        1 => " and by one more grant".to_owned(),
        more => format!(" and by {more} more grants"),
    };
    let names: Vec<String> = who.iter().take(NAMED).cloned().collect();
    let others = match who.len().saturating_sub(NAMED) {
        0 => String::new(),
        1 => " and one more".to_owned(),
        more => format!(" and {more} more"),
    };
    let title = format!(
        "this plan denies {}{others} some or all of what they have by {role} on {}{more}",
        names.join(", "),
        first.scope
    );
    let mut subject = judged.subject(judged.changed(change, &[])?, Some(change));
    subject.address = Some(made.address.to_string());
    let mut finding = judged.finding("evicts-access", title, subject, DENIES);
    finding.causes.extend(judged.cause(change, true, true));
    for access in denied.iter().filter_map(|denied| judged.estate.node(denied.grant)?.access.as_ref()) {
        finding.lost.push(super::breaks_workload::lost_grant(judged, access));
    }
    let surely = |denied: &&Denied| {
        let allowance = judged.estate.allowances.get(&denied.grant);
        let loss = allowance.and_then(|allowance| judged.falls().of(*allowance));
        denied.sure && loss.is_none_or(|loss| loss.certain)
    };
    if !denied.iter().any(surely) {
        finding.certainty = Certainty::Possible;
        finding.unknown_because.push(
            "whether the deny is about them, or about what their roles allow, cannot be told".to_owned(),
        );
    }
    let hit = judged.fall_by(change);
    finding.affects = judged.affected(&hit);
    if let Some(first) = hit.first() {
        finding.path = judged.steps(&judged.proof_by(&[change], *first));
    }
    let unknown = |denied: &&Denied| super::unknown_users::unknown(judged, denied.grant).is_some();
    let lesser = hit.is_empty() && !denied.iter().any(unknown);
    Some(Draft { finding: finish(finding), lesser })
}

/// So many are named in a title.
const NAMED: usize = 3;

const DENIES: &str =
    "leave those who are to keep their access out of the deny, or take what they need from its list";

/// Nobody knows who has access there now: whoever does, loses it.
fn perhaps(judged: &Judged<'_>, unlisted: &Unlisted) -> Option<Draft> {
    let made = judged.change(unlisted.change)?;
    let role = unlisted.role.as_deref().unwrap_or("all access");
    let title = format!(
        "this plan takes {role} on {} from whoever has it and is not listed; who that is, is not known",
        unlisted.scope
    );
    let mut subject = judged.subject(judged.changed(unlisted.change, &[])?, Some(unlisted.change));
    subject.address = Some(made.address.to_string());
    let mut finding = judged.finding("evicts-access", title, subject, HELP);
    finding.causes.extend(judged.cause(unlisted.change, true, true));
    finding.certainty = Certainty::Possible;
    let settle = unlisted.unknown.settle.as_ref().map(|command| format!(" (to settle it: {command})"));
    finding.unknown_because.push(format!("{}{}", unlisted.unknown.reason, settle.unwrap_or_default()));
    // What nothing could settle is said, and holds nobody up.
    Some(Draft { finding: finish(finding), lesser: unlisted.unknown.settle.is_none() })
}

fn finding(judged: &Judged<'_>, change: ChangeIx, evicted: &[&Evicted]) -> Option<Draft> {
    let made = judged.change(change)?;
    let who: Vec<String> = evicted.iter().filter_map(|evicted| holder(judged, evicted.grant)).collect();
    let (first, others) = who.split_first()?;
    let more = match others.len() {
        0 => String::new(),
        1 => " and one more".to_owned(),
        more => format!(" and {more} more"),
    };
    let (what, role) = match judged.estate.node(evicted.first()?.grant)?.access.as_ref() {
        Some(access) => (access.role.clone().unwrap_or_else(|| "access".to_owned()), access.scope.clone()),
        None => ("access".to_owned(), String::new()),
    };
    let title = format!("this plan takes {what} on {role} from {first}{more}, which it never mentions");
    let object = judged.changed(change, &[])?;
    let mut subject = judged.subject(object, Some(change));
    subject.address = Some(made.address.to_string());
    let mut finding = judged.finding("evicts-access", title, subject, HELP);
    finding.causes.extend(judged.cause(change, true, true));
    let grants: Vec<NodeIx> = evicted.iter().map(|evicted| evicted.grant).collect();
    for node in grants.iter().filter_map(|grant| judged.estate.node(*grant)) {
        finding
            .lost
            .extend(node.access.as_ref().map(|access| super::breaks_workload::lost_grant(judged, access)));
        if presence(node, |change| judged.after().scenario.stage(change)) == Presence::Unknown {
            finding.certainty = Certainty::Possible;
        }
    }
    let hit = judged.fall_by(change);
    finding.affects = judged.affected(&hit);
    if let Some(first) = hit.first() {
        finding.path = judged.steps(&judged.proof_by(&[change], *first));
    }
    if let Some(node) = grants.first().and_then(|grant| judged.estate.node(*grant)) {
        with_undo(&mut finding, node);
    }
    let users_unknown = grants.iter().any(|grant| super::unknown_users::unknown(judged, *grant).is_some());
    let lesser = hit.is_empty() && !users_unknown;
    Some(Draft { finding: finish(finding), lesser })
}

fn holder(judged: &Judged<'_>, grant: NodeIx) -> Option<String> {
    let access = judged.estate.node(grant)?.access.as_ref()?;
    let known = access.principal_node.and_then(|node| judged.estate.node(node));
    Some(known.map_or_else(|| access.principal.to_string(), |node| node.name.clone()))
}

const HELP: &str = "add a member instead of listing all, or list everybody who is to stay";
