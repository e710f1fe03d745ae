//! `mixed-deletion`: one deletion stands out from its batch.

use super::people::spoken;
use super::view::finish;
use super::{Draft, Judged, Rule};
use crate::model::{ChangeIx, Class, Node, NodeIx};
use crate::verdict::{Affected, RuleText};
use std::collections::{BTreeMap, BTreeSet};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "mixed-deletion",
        what: "of several things of one sort that a plan deletes, one is of production or in use, and another is not",
        why: "ServiceChannel, 2021: the account for tests was to be deleted, and the one of the production API was selected \
              with it",
        example: "a plan deletes the service accounts api-perm-test, on which nothing rests, and api-prod, on which the API does",
        resolve: "see whether both were meant; delete what is tested and what is in production by changes of their own",
    },
    read,
};

const HELP: &str =
    "see whether all of them were meant; what is of production or in use should go by a change of its own";

/// Where a thing belongs, as far as something says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Production,
    Test,
}

struct Deleted<'a> {
    index: NodeIx,
    node: &'a Node,
    change: ChangeIx,
    place: Option<(Place, String)>,
    users: Vec<Affected>,
}

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let mut batches: BTreeMap<(Class, &str), Vec<Deleted<'_>>> = BTreeMap::new();
    let used = users(judged);
    for (index, node, change) in judged.removed_things() {
        if judged.change(change).is_some_and(|change| change.deposed.is_some()) {
            continue;
        }
        let users: BTreeSet<NodeIx> = used.get(&change).into_iter().flatten().copied().collect();
        let users: Vec<NodeIx> = users.into_iter().filter(|user| *user != index).collect();
        // Of what nobody described, only things of one kind are of one sort.
        let kind = if node.class == Class::Other { node.kind.as_str() } else { "" };
        let deleted = Deleted {
            index,
            node,
            change,
            place: place(judged, index, node),
            users: judged.affected(&users),
        };
        batches.entry((node.class, kind)).or_default().push(deleted);
    }
    let belongs_to_others = |class: Class| {
        matches!(
            class,
            Class::Credential | Class::Grant | Class::Membership | Class::Trust | Class::Token | Class::Role
        )
    };
    let (rest, first): (Vec<_>, Vec<_>) =
        batches.iter().partition(|((class, _), _)| belongs_to_others(*class));
    let drafts: Vec<Draft> = first.iter().filter_map(|(_, batch)| finding(judged, batch)).collect();
    // What goes with an identity says the same again.
    match drafts.is_empty() {
        true => rest.iter().filter_map(|(_, batch)| finding(judged, batch)).collect(),
        false => drafts,
    }
}

/// The workloads that fall by each change for want of something, and not because they go themselves.
fn users(judged: &Judged<'_>) -> BTreeMap<ChangeIx, Vec<NodeIx>> {
    let mut found: BTreeMap<ChangeIx, Vec<NodeIx>> = BTreeMap::new();
    for cause in judged.causes {
        let starved = cause
            .falls
            .iter()
            .copied()
            .filter(|index| judged.falls().of(*index).is_some_and(|loss| !loss.removed()));
        let starved: Vec<NodeIx> = starved.collect();
        for change in &cause.changes {
            found.entry(*change).or_default().extend(&starved);
        }
    }
    found
}

fn finding(judged: &Judged<'_>, batch: &[Deleted<'_>]) -> Option<Draft> {
    let at = |wanted: Place| {
        move |one: &&Deleted<'_>| one.place.as_ref().is_some_and(|(place, _)| *place == wanted)
    };
    let production: Vec<&Deleted<'_>> = batch.iter().filter(at(Place::Production)).collect();
    let used: Vec<&Deleted<'_>> = batch.iter().filter(|one| !one.users.is_empty()).collect();
    let is_in = |one: &Deleted<'_>, of: &[&Deleted<'_>]| of.iter().any(|other| other.index == one.index);
    let by_place = !production.is_empty() && batch.iter().any(|one| at(Place::Test)(&one));
    let by_use = !used.is_empty() && used.len() < batch.len();
    let out = match (by_place, by_use) {
        (true, _) => production,
        (false, true) => used,
        (false, false) => return None,
    };
    let others: Vec<&Deleted<'_>> = batch.iter().filter(|one| !is_in(one, &out)).collect();
    let (first, other) = (out.first()?, others.first()?);
    let title = format!(
        "among {} deletions of one sort {} of {}: {} ({}), beside {} ({})",
        batch.len(),
        if out.len() == 1 { "one is".to_owned() } else { format!("{} are", out.len()) },
        if by_place { "production" } else { "what is in use" },
        spoken(first.node),
        why(first),
        spoken(other.node),
        why(other),
    );
    let subject = judged.subject(first.node, Some(first.change));
    let mut finding = judged.finding("mixed-deletion", title, subject, HELP);
    finding.causes = out.iter().filter_map(|one| judged.cause(one.change, true, out.len() == 1)).collect();
    finding.affects.clone_from(&first.users);
    Some(Draft { finding: finish(finding), lesser: false })
}

/// Why it is taken for what it is.
fn why(one: &Deleted<'_>) -> String {
    let place = one.place.as_ref().map(|(place, why)| match place {
        Place::Production => format!("production: {why}; "),
        Place::Test => format!("test: {why}; "),
    });
    let users = match one.users.as_slice() {
        [] => "nothing is known to rest on it".to_owned(),
        [only] => format!("{} rests on it", only.workload),
        [first, more @ ..] => format!("{} and {} more rest on it", first.workload, more.len()),
    };
    format!("{}{users}", place.unwrap_or_default())
}

/// By `[[environment]]`, else by labels and tags, else by the words of its name.
fn place(judged: &Judged<'_>, index: NodeIx, node: &Node) -> Option<(Place, String)> {
    let declared = judged.declarations.environments.iter().zip(&judged.estate.meant.environments);
    for (environment, members) in declared {
        if members.binary_search(&index).is_ok()
            && let Some(place) = of_words(&environment.name)
        {
            return Some((place, format!("of [[environment]] {}", environment.name)));
        }
    }
    if let Some(place) = node.environments.iter().find_map(|environment| of_words(environment)) {
        return Some((place, "its labels or tags say so".to_owned()));
    }
    let address = node.address.as_ref().map(|address| address.as_str()).unwrap_or_default();
    let named = [node.name.as_str(), address, node.id.as_str()];
    let place = named.into_iter().find_map(of_words)?;
    Some((place, "by the words of its name".to_owned()))
}

/// What the words of a name say. One of a test counts before one of production: `test-of-prod-access`, `pre-production`.
fn of_words(name: &str) -> Option<Place> {
    const TEST: [&str; 18] = [
        "test",
        "tests",
        "testing",
        "tst",
        "dev",
        "development",
        "staging",
        "stage",
        "stg",
        "sandbox",
        "qa",
        "uat",
        "preprod",
        "preproduction",
        "nonprod",
        "nonproduction",
        "demo",
        "tmp",
    ];
    let lower = name.to_lowercase();
    let words: Vec<&str> =
        lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_production = |word: &str| matches!(word, "prod" | "production" | "prd" | "live");
    let before = |word: &str| matches!(word, "pre" | "non" | "not");
    let not_yet =
        words.windows(2).any(|pair| matches!(pair, [one, other] if before(one) && is_production(other)));
    if not_yet || words.iter().any(|word| TEST.contains(word)) {
        return Some(Place::Test);
    }
    words.iter().any(|word| is_production(word)).then_some(Place::Production)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_production_from_test() {
        for (name, place) in [
            ("api-prod", Some(Place::Production)),
            ("module.production.aws_iam_user.api", Some(Place::Production)),
            ("api-perm-test", Some(Place::Test)),
            ("pre-production/api", Some(Place::Test)),
            ("nonprod_api", Some(Place::Test)),
            ("test of prod access", Some(Place::Test)),
            ("product-catalogue", None),
            ("latest", None),
            ("contest-attestation", None),
        ] {
            assert_eq!(of_words(name), place, "{name}");
        }
    }
}
