//! `removes-access`: a grant, membership or trust goes and nothing falls by it, uncovered.

use super::breaks_workload::lost_grant;
use super::view::{called, finish, with_undo};
use super::{Draft, Judged, Rule};
use crate::model::{Action, Class};
use crate::verdict::{Certainty, RuleText};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "removes-access",
        what: "a grant, a membership or a trust goes, nothing else covers it, and no known workload falls by it",
        why: "access that nobody is known to use is the access whose loss is found last",
        example: "the Reader role of an auditor's identity is deleted; no workload runs as that identity",
        resolve: "nothing, if the access is not needed; else keep it, or declare who needs it under [[workload.needs]]",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    judged
        .removed_things()
        .filter(|(_, node, _)| matches!(node.class, Class::Grant | Class::Membership | Class::Trust))
        .filter(|(index, _, _)| !judged.is_evicted(*index))
        .filter_map(|(index, node, change)| {
            let allowance = judged.estate.allowances.get(&index);
            let loss = allowance.map(|allowance| judged.falls().of(*allowance));
            // What is still covered is no loss.
            if matches!(loss, Some(None)) || !judged.fall_by(change).is_empty() {
                return None;
            }
            // Who uses it is not known: `unknown-users` says so, and more loudly.
            if super::unknown_users::unknown(judged, index).is_some() {
                return None;
            }
            let updated = judged.change(change).filter(|change| change.action == Action::Update);
            let title = match updated {
                Some(change) => format!(
                    "the update of {} takes {} out of it, by which no known workload falls",
                    change.address,
                    called(node)
                ),
                None => format!("this plan takes away {}, by which no known workload falls", called(node)),
            };
            let mut finding =
                judged.finding("removes-access", title, judged.subject(node, Some(change)), HELP);
            finding.causes.extend(judged.cause(change, true, true));
            if let Some(access) = &node.access {
                finding.lost.push(lost_grant(judged, access));
            }
            if let Some(allowance) = allowance {
                finding.unknown_because = judged.doubts(*allowance).0;
            }
            if loss.flatten().is_some_and(|loss| !loss.certain) {
                finding.certainty = Certainty::Possible;
            }
            with_undo(&mut finding, node);
            Some(Draft { finding: finish(finding), lesser: false })
        })
        .collect()
}

const HELP: &str = "nothing to do if nobody needs it; else declare who does under [[workload.needs]]";
