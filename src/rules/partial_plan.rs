//! `partial-plan`: what could not be seen in a plan.

use super::view::finish;
use super::{Draft, Judged, Rule};
use crate::model::{Address, Partial, PlanSummary};
use crate::verdict::{Certainty, RuleText, Subject};

/// Targets named in a title.
const LISTED: usize = 5;

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "partial-plan",
        what: "the plan errored, was made with -target, puts changes off, or does not say whether it refreshed",
        why: "hashicorp/terraform#35885, #33200: a targeted plan looks complete in its JSON; a plan that errored is written \
              all the same and holds a part of the changes",
        example: "terraform plan -target=module.a -out=plan.tfplan: `complete` is false",
        resolve: "plan again without -target and -refresh=false, after mending what made it fail",
    },
    read,
};

/// The first few, as they are given.
fn listed(targets: &[Address]) -> String {
    let shown: Vec<&str> = targets.iter().take(LISTED).map(Address::as_str).collect();
    let more = targets.len().checked_sub(LISTED).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    format!("{}{more}", shown.join(" -target="))
}

fn is_targeted(plan: &PlanSummary) -> bool {
    plan.partial.iter().any(|partial| matches!(partial, Partial::Targeted(_)))
}

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for plan in judged.plans {
        let subject = Subject {
            id: plan.path.clone(),
            kind: "plan".to_owned(),
            address: None,
            action: None,
            reason: None,
        };
        let mut push = |title: String, help: &str, lesser: bool, undetermined: bool| {
            let mut finding = judged.finding("partial-plan", title, subject.clone(), help);
            finding.certainty = Certainty::Possible;
            finding.missing_input = undetermined;
            drafts.push(Draft { finding: finish(finding), lesser });
        };
        for partial in &plan.partial {
            match partial {
                Partial::Errored => push(
                    format!(
                        "planning {} ended in an error: what it would do is only partly there",
                        plan.path
                    ),
                    "mend the error and plan again",
                    false,
                    true,
                ),
                Partial::ValuesUnknown(0) => {}
                Partial::ValuesUnknown(count) => push(
                    format!(
                        "{} was read without terraform: what {count} of its changes make of things is not known",
                        plan.path
                    ),
                    "judge it where terraform is installed and the configuration is initialised, or give its JSON",
                    false,
                    true,
                ),
                Partial::Targeted(targets) => push(
                    format!("{} was made with -target={}: nothing else is in it", plan.path, listed(targets)),
                    "plan again without -target",
                    false,
                    false,
                ),
                Partial::Incomplete if plan.partial.contains(&Partial::Errored) => {}
                Partial::Incomplete | Partial::CompletenessUnknown if is_targeted(plan) => {}
                Partial::Incomplete => push(
                    format!("{} is not complete: it was made with -target, or puts changes off", plan.path),
                    "plan again without -target",
                    false,
                    false,
                ),
                Partial::Deferred(count) => push(
                    format!("{} puts off {count} changes, which nobody has seen", plan.path),
                    "apply in steps, and judge each plan",
                    false,
                    false,
                ),
                Partial::CompletenessUnknown => push(
                    format!(
                        "{} does not say whether it is complete: its version of the tool never does",
                        plan.path
                    ),
                    "make sure that it was planned without -target",
                    true,
                    false,
                ),
            }
        }
        push(
            format!(
                "{} does not say whether it was refreshed: what changed outside may be unseen",
                plan.path
            ),
            "make sure that it was planned without -refresh=false",
            true,
            false,
        );
    }
    drafts
}
