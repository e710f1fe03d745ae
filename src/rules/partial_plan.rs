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
        what: "the plan errored, was made with -target, puts changes off, runs actions that no change shows, or does not say \
               whether it refreshed",
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
        let mut push = |title: String, help: &str, undetermined: bool| {
            drafts.push(draft(judged, &plan.path, title, help, (false, undetermined)));
        };
        let path = &plan.path;
        for partial in &plan.partial {
            match partial {
                Partial::Errored => push(
                    format!("planning {path} ended in an error: what it would do is only partly there"),
                    "mend the error and plan again",
                    true,
                ),
                Partial::ValuesUnknown(0) => {}
                Partial::ValuesUnknown(count) => push(
                    format!(
                        "{} was read without terraform: what {count} of its changes make of things is not known",
                        plan.path
                    ),
                    "judge it where terraform is installed and the configuration is initialised, or give its JSON",
                    true,
                ),
                Partial::Targeted(targets) => push(
                    format!("{} was made with -target={}: nothing else is in it", plan.path, listed(targets)),
                    "plan again without -target",
                    false,
                ),
                Partial::Incomplete if plan.partial.contains(&Partial::Errored) => {}
                Partial::Incomplete | Partial::CompletenessUnknown if is_targeted(plan) => {}
                Partial::Incomplete => push(
                    format!("{path} is not complete: it was made with -target, or puts changes off"),
                    "plan again without -target",
                    false,
                ),
                Partial::Deferred(count) => push(
                    format!(
                        "{path} puts off {count} {}, which nobody has seen",
                        if *count == 1 { "change" } else { "changes" }
                    ),
                    "apply in steps, and judge each plan",
                    false,
                ),
                Partial::Invokes(actions) => push(
                    format!(
                        "{path} runs {}, and no change shows what that does: {}",
                        if actions.len() == 1 { "an action" } else { "actions" },
                        actions.join(", ")
                    ),
                    "read what the provider's documentation says that it does",
                    false,
                ),
                // Told below, once for all plans.
                Partial::CompletenessUnknown => {}
            }
        }
    }
    let unsure = |plan: &&PlanSummary| plan.partial.contains(&Partial::CompletenessUnknown);
    drafts.extend(together(
        judged,
        judged.plans.iter().filter(unsure).collect(),
        ["does not say whether it is", "do not say whether they are"],
        "complete: its version of the tool never does",
        "make sure that it was planned without -target",
    ));
    drafts.extend(together(
        judged,
        judged.plans.iter().collect(),
        ["does not say whether it was", "do not say whether they were"],
        "refreshed: what changed outside may be unseen",
        "make sure that it was planned without -refresh=false",
    ));
    drafts
}

/// One remark on all plans of which the same is to be said.
fn together(
    judged: &Judged<'_>,
    plans: Vec<&PlanSummary>,
    [one, several]: [&str; 2],
    what: &str,
    help: &str,
) -> Option<Draft> {
    let paths: Vec<&str> = plans.iter().map(|plan| plan.path.as_str()).collect();
    let title = match paths.as_slice() {
        [] => return None,
        [path] => format!("{path} {one} {what}"),
        all => format!("{} plans {several} {what}", all.len()),
    };
    Some(draft(judged, &paths.join(", "), title, help, (true, false)))
}

fn draft(
    judged: &Judged<'_>,
    plan: &str,
    title: String,
    help: &str,
    (lesser, undetermined): (bool, bool),
) -> Draft {
    let kind = "plan".to_owned();
    let subject = Subject { id: plan.to_owned(), kind, address: None, action: None, reason: None };
    let mut finding = judged.finding("partial-plan", title, subject, help);
    finding.certainty = Certainty::Possible;
    finding.missing_input = undetermined;
    Draft { finding: finish(finding), lesser }
}
