//! `unmatched-name`: a name in the configuration leads to nothing.

use super::view::finish;
use super::{Draft, Judged, Rule};
use crate::model::Source;
use crate::verdict::{Cause, RuleText, Subject};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "unmatched-name",
        what: "a match, a use or an identity in the configuration names nothing that any source tells of",
        why: "a typo would protect nothing, and nobody would know",
        example: "match = [\"kubernetes:Ingres/prod/*\"]",
        resolve: "mend the name, or give the source that tells of the thing",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    judged
        .estate
        .unmatched
        .iter()
        .map(|unmatched| {
            let subject = Subject {
                id: unmatched.written.clone(),
                kind: "name".to_owned(),
                address: None,
                action: None,
                reason: None,
            };
            let title = format!("{}: `{}` names nothing here", unmatched.place, unmatched.written);
            let help = match unmatched.candidates.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => "mend the name, or give the source that tells of it".to_owned(),
            };
            let mut finding = judged.finding("unmatched-name", title, subject, &help);
            finding.cause = Cause::Standing;
            // What a workload is or needs may be in the very source that is missing.
            if unmatched.of_workload {
                finding.unknown_because = judged.sources.iter().filter_map(Source::shortfall).collect();
                finding.missing_input = !finding.unknown_because.is_empty();
            }
            finding.location = judged.declared_at(unmatched.line);
            Draft { finding: finish(finding), lesser: false }
        })
        .collect()
}
