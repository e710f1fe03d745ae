//! `edits-policy`: the change brings its own version of what it is judged by.

use super::view::finish;
use super::{Draft, Judged, Rule};
use crate::verdict::{RuleText, Subject};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "edits-policy",
        what: "the change touches what it is judged by: the policy, the roster, the catalog, waivers or snapshots",
        why: "what it brings counts for nothing here, and will be what later changes are judged by",
        example: "a change deletes a role assignment and adds a snapshot in which another one covers it",
        resolve: "let that part be a change of its own, or ask people to sign for it",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    judged
        .declarations
        .edited
        .iter()
        .map(|path| {
            let subject = Subject {
                id: format!("file:{path}"),
                kind: "policy".to_owned(),
                address: None,
                action: Some("update".to_owned()),
                reason: None,
            };
            let title = format!("this change touches {path}, by which it is judged as it was before");
            let help = "let that be a change of its own, or ask people to sign for it";
            Draft { finding: finish(judged.finding("edits-policy", title, subject, help)), lesser: false }
        })
        .collect()
}
