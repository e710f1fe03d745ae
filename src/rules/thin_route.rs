//! `thin-route`: an alert, or a request for approval, reaches too few people.

use super::view::finish;
use super::{Draft, Judged, Rule};
use crate::estate::find;
use crate::model::{Person, Presence, Route};
use crate::verdict::{Cause, RuleText, Subject};
use std::collections::BTreeSet;

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "thin-route",
        what: "an alert route has fewer people than it needs, or names somebody who is gone; or a group of approvers is too \
               small for one of them to ask and another to sign",
        why: "Coinbase, 2021: the alerts about the certificate went to a mail group that had two people left in it",
        example: "certificate alerts reach 2 people, and 3 are required",
        resolve: "add recipients who still work here",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let declared = judged.declarations;
    let routes = declared.statements.routes.iter().filter_map(|route| route_of(judged, route));
    let signing = &declared.signing;
    let groups: BTreeSet<&String> = signing.groups.iter().collect();
    routes.chain(groups.into_iter().filter_map(|group| group_of(judged, group))).collect()
}

fn route_of(judged: &Judged<'_>, route: &Route) -> Option<Draft> {
    let people = &judged.declarations.signing.people;
    let gone: Vec<&str> =
        route.recipients.iter().map(String::as_str).filter(|one| is_gone(judged, one)).collect();
    let reached: BTreeSet<String> = route
        .recipients
        .iter()
        .filter(|one| !gone.contains(&one.as_str()))
        .map(|one| person(people, one))
        .collect();
    if reached.len() >= usize::try_from(route.min_people).unwrap_or(usize::MAX) && gone.is_empty() {
        return None;
    }
    let mut title = format!(
        "{}: {} reached, and {} required",
        route.name,
        are_people(reached.len()),
        are(route.min_people)
    );
    if !gone.is_empty() {
        title.push_str(&format!("; gone: {}", gone.join(", ")));
    }
    Some(draft(judged, title, &route.name, "route", route.line, "add recipients who still work here"))
}

/// A group of which one must sign: who asks does not count.
fn group_of(judged: &Judged<'_>, group: &str) -> Option<Draft> {
    let members: Vec<&Person> = judged
        .declarations
        .signing
        .people
        .iter()
        .filter(|one| one.groups.iter().any(|own| own == group))
        .collect();
    if members.len() >= 2 {
        return None;
    }
    let who = match members.as_slice() {
        [] => "nobody is in it".to_owned(),
        [one, ..] => format!("only {} is in it, and who asks cannot sign", one.name),
    };
    let title = format!("one of group {group} has to sign, and {who}");
    let line = members.first().map_or(0, |one| one.line);
    Some(draft(judged, title, group, "group", line, "put at least two people into the group"))
}

/// Two addresses of one person are one.
fn person(people: &[Person], recipient: &str) -> String {
    let is = |own: &String| own.eq_ignore_ascii_case(recipient);
    let known = people
        .iter()
        .find(|one| is(&one.name) || one.principals.iter().any(is) || one.known_as.iter().any(is));
    known.map_or_else(|| recipient.to_ascii_lowercase(), |one| one.name.clone())
}

/// Whether a source knows the recipient, and says that it is not there, or that this plan takes it away.
fn is_gone(judged: &Judged<'_>, recipient: &str) -> bool {
    let Ok(index) = find(judged.estate, recipient) else { return false };
    let Some(node) = judged.estate.node(index) else { return false };
    let bears = |name: &str| name.eq_ignore_ascii_case(recipient);
    let is_it = bears(&node.name) || node.aliases.iter().any(|alias| bears(alias.value()));
    let stays = judged.after().scenario.presence(index, node);
    is_it && !node.claims.is_empty() && stays == Presence::Absent
}

fn are_people(count: usize) -> String {
    match count {
        0 => "nobody is".to_owned(),
        1 => "1 person is".to_owned(),
        more => format!("{more} people are"),
    }
}

fn are(required: u32) -> String {
    if required == 1 { "1 is".to_owned() } else { format!("{required} are") }
}

fn draft(judged: &Judged<'_>, title: String, id: &str, kind: &str, line: usize, help: &str) -> Draft {
    let subject =
        Subject { id: id.to_owned(), kind: kind.to_owned(), address: None, action: None, reason: None };
    let mut finding = judged.finding(RULE.text.id, title, subject, help);
    finding.cause = Cause::Standing;
    finding.location = judged.declared_at(line);
    Draft { finding: finish(finding), lesser: false }
}
