//! `drifted`: what was deleted outside terraform, and is in no change of the plan.

use super::view::finish;
use super::{Draft, Judged, Rule};
use crate::verdict::{Cause, RuleText, Subject};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "drifted",
        what: "an object of the state was deleted outside terraform",
        why: "Mender, 2023: what existed and what the state said were not the same, and nobody was told; in a plan the \
              deletion of such an object shows as a creation, if it shows at all",
        example: "an identity was deleted by hand: the plan creates it, and the new one has another principal id, which no \
                  role assignment of the old one names",
        resolve: "find out who deleted it and why, before it is made anew or forgotten; then see that what named the old one \
                  names the new one",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for plan in judged.plans {
        for gone in &plan.gone {
            let then = match gone.made_anew {
                true => "this plan makes another one in its place",
                false => "this plan does not make it anew",
            };
            let title = format!("{} was deleted outside terraform; {then}", gone.address);
            let subject = Subject {
                id: gone.address.to_string(),
                kind: gone.kind.clone(),
                address: Some(gone.address.to_string()),
                action: None,
                reason: None,
            };
            let mut finding = judged.finding("drifted", title, subject, HELP);
            finding.cause = Cause::Standing;
            drafts.push(Draft { finding: finish(finding), lesser: false });
        }
    }
    drafts
}

const HELP: &str =
    "find out who deleted it and why; whatever names the old one by its id does not name the new one";
