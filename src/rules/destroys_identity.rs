//! `destroys-identity`: an identity or credential that cannot come back the same, and all that use it.

use super::view::{called, destroys, finish, turns_off, with_undo};
use super::{Draft, Judged, Rule};
use crate::estate::{Stage, presence};
use crate::model::{Class, Presence, UndoClass};
use crate::verdict::{Certainty, RuleText};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "destroys-identity",
        what: "an identity or credential goes that cannot come back the same",
        why: "ServiceChannel, 2021: the deleted production account had to be made anew, and its new token and secret \
              distributed to every component by an emergency deployment",
        example: "a user-assigned identity is replaced: the new one has another principal id, and no role assignment of the \
                  old one counts for it",
        resolve: "keep it; or give everything that uses it the new identity first, and delete the old one in a later plan",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    judged
        .removed_things()
        .filter(|(_, node, _)| matches!(node.class, Class::Identity | Class::Credential))
        .filter(|(_, node, _)| node.undo.as_ref().is_some_and(|cost| cost.undo != UndoClass::Restorable))
        // What is turned off can be turned on again.
        .filter(|(_, node, change)| judged.change(*change).is_some_and(|own| turns_off(node, own).is_none()))
        .map(|(_, node, change)| {
            let title = format!(
                "this plan {} {} {}, which cannot come back the same",
                destroys(node),
                node.class.word(),
                called(node)
            );
            let mut finding =
                judged.finding("destroys-identity", title, judged.subject(node, Some(change)), HELP);
            finding.causes.extend(judged.cause(change, true, true));
            let hit = judged.fall_by(change);
            finding.affects = judged.affected(&hit);
            if let Some(first) = hit.first() {
                finding.path = judged.steps(&judged.proof_by(&[change], *first));
            }
            if presence(node, |_| Stage::After) != Presence::Absent {
                finding.certainty = Certainty::Possible;
            }
            with_undo(&mut finding, node);
            let lesser = finding.affects.is_empty();
            Draft { finding: finish(finding), lesser }
        })
        .collect()
}

const HELP: &str = "keep it; or move everything that uses it to the new one first";
