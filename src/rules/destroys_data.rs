//! `destroys-data`: a store is deleted or replaced.

use super::view::{finish, with_undo};
use super::{Draft, Judged, Rule};
use crate::model::{Change, Class};
use crate::verdict::RuleText;

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "destroys-data",
        what: "a store of data is deleted or replaced",
        why: "a store made anew is an empty one, whatever its name; some can be brought back for a number of days",
        example: "a storage account is replaced because its name changed: its blobs are gone",
        resolve: "move the data first; or take it out of the plan with a `removed` block that does not destroy",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    judged
        .estate
        .nodes
        .iter()
        .filter(|node| node.class == Class::Store)
        .filter_map(|node| {
            // A replaced store is there before and after, and yet its data is gone: the action says so.
            let change = node.claims.iter().filter_map(|claim| claim.change).find(|change| {
                let destroys = |change: &Change| change.action.is_destructive();
                judged.makes(*change) && judged.change(*change).is_some_and(destroys)
            })?;
            let title = format!("this plan destroys the data in {}", node.name);
            let mut finding =
                judged.finding("destroys-data", title, judged.subject(node, Some(change)), HELP);
            finding.causes.extend(judged.cause(change, true, true));
            finding.affects = judged.affected(&judged.fall_by(change));
            with_undo(&mut finding, node);
            Some(Draft { finding: finish(finding), lesser: false })
        })
        .collect()
}

const HELP: &str = "move the data first, or drop it from the state without destroying it";
