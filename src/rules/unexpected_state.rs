//! `unexpected-state`: a flag or setting is not in the state that is declared for it.

use super::people::{sort, spoken};
use super::view::{finish_of, with_undo};
use super::{Draft, Judged, Rule, unclear};
use crate::estate::{ExpectedOf, Held, Reading, Selected, Stage};
use crate::model::{Action, ChangeIx, Evidence, Expectation, Expected, Node, NodeIx, Plain, Told};
use crate::verdict::{Cause, Certainty, EvidenceText, RuleText, Step};
use std::collections::BTreeSet;

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "unexpected-state",
        what: "a flag or setting is not as `[[expect]]` declares it, or not as where it was tested",
        why: "JumpCloud, 2025: a release whose new code was meant to be switched off met a flag that was on in production; in \
              pre-production it was off, so the tests had passed, and devices were un-enrolled",
        example: "`on` of a feature flag is true in production, and `[[expect]]` says false; the plan releases a new image of \
                  the workload that the flag guards",
        resolve: "set it as declared before the release, or declare what is meant",
    },
    read,
};

const HELP: &str = "set it as declared first; or, if it is meant to be so, declare that in [[expect]]";

/// How many places are named in which it is otherwise.
const PLACES: usize = 3;

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let expectations = judged.declarations.statements.expectations.iter();
    let each = expectations.zip(&judged.estate.meant.expectations);
    each.flat_map(|(expectation, of)| {
        let touched = touched(judged, of);
        of.selected
            .iter()
            .filter_map(move |one| finding(judged, expectation, of, one, &touched))
            .collect::<Vec<_>>()
    })
    .collect()
}

/// The changes that are about what the expectation guards.
fn touched(judged: &Judged<'_>, of: &ExpectedOf) -> BTreeSet<ChangeIx> {
    let does = |change: &ChangeIx| {
        judged.makes(*change)
            && judged
                .change(*change)
                .is_some_and(|change| !matches!(change.action, Action::NoOp | Action::Read | Action::Forget))
    };
    let guarded = of.guards.iter().filter_map(|index| judged.estate.node(*index));
    let changes = guarded.flat_map(|node| node.claims.iter().filter_map(|claim| claim.change));
    changes.filter(does).collect()
}

/// How it compares with what is expected.
enum Compared {
    Equal,
    Different(String),
    Unclear(String, bool),
}

fn finding(
    judged: &Judged<'_>,
    expectation: &Expectation,
    of: &ExpectedOf,
    one: &Selected,
    touched: &BTreeSet<ChangeIx>,
) -> Option<Draft> {
    let node = judged.estate.node(one.node)?;
    let makes = |change: ChangeIx| judged.makes(change);
    let reading = Reading { sources: judged.sources, now: judged.now, makes: &makes };
    let held = reading.held(node, &expectation.attribute, Stage::After);
    let others = |index: &NodeIx| {
        let other = judged.estate.node(*index)?;
        Some((other, reading.held(other, &expectation.attribute, Stage::After)))
    };
    let compared = match &expectation.expected {
        Expected::Equals(wanted) => compare(judged, &held, &[Told::Plain(Plain::from(wanted))], None),
        Expected::SameAs(_) => {
            let found: Vec<(&Node, Held)> = one.others.iter().filter_map(others).collect();
            against(judged, &held, &found)
        }
    };
    let (what, certain, missing) = match compared {
        Compared::Equal => return None,
        Compared::Different(what) => {
            let siblings: Vec<(&Node, Held)> = match &expectation.expected {
                Expected::Equals(_) => one.siblings.iter().filter_map(others).collect(),
                Expected::SameAs(_) => Vec::new(),
            };
            (format!("{what}{}", elsewhere(&held, &siblings)), one.sure, None)
        }
        Compared::Unclear(why, missing) => ("may not be as declared".to_owned(), false, Some((why, missing))),
    };
    let (own, evidence) = match &held {
        Held::Like { change, evidence, .. } => (*change, Some(evidence)),
        Held::Unclear { change, .. } => (*change, None),
        Held::Missing => (None, None),
    };
    let title = format!("`{}` of {} {what}", expectation.attribute, spoken(node));
    let mut finding = judged.finding("unexpected-state", title, judged.subject(node, own), HELP);
    finding.certainty = Certainty::of(certain);
    if let Some((why, missing)) = missing {
        finding.unknown_because.push(why);
        finding.missing_input = missing;
    }
    if !one.sure {
        finding.unknown_because.push("whether it has the attributes of `where` is not known".to_owned());
    }
    let caused: BTreeSet<ChangeIx> = match own {
        Some(change) => BTreeSet::from([change]),
        None => touched.clone(),
    };
    let alone = caused.len() == 1;
    finding.causes = caused.iter().filter_map(|change| judged.cause(*change, true, alone)).collect();
    if finding.causes.is_empty() {
        finding.cause = Cause::Standing;
    }
    // Whom it guards: all that are named, else those that the plan touches.
    let guards = of.guards.iter().filter(|index| {
        let touches = |node: &Node| {
            node.claims.iter().filter_map(|claim| claim.change).any(|change| touched.contains(&change))
        };
        !expectation.guards.is_empty() || judged.estate.node(**index).is_some_and(touches)
    });
    finding.affects = guards.filter_map(|index| judged.concerned(*index, Certainty::of(certain))).collect();
    sort(&mut finding.affects);
    if let Some(evidence) = evidence {
        finding.path.push(step(judged, node, &expectation.attribute, &held, evidence));
    }
    with_undo(&mut finding, node);
    if own.is_none() {
        (finding.undo, finding.undo_note) = (None, None);
        finding.location = judged.declared_at(expectation.line);
    }
    let of = format!("{} {}", expectation.attribute, expectation.line);
    Some(Draft { finding: finish_of(finding, &of), lesser: false })
}

/// Compares with the same thing elsewhere.
fn against(judged: &Judged<'_>, held: &Held, others: &[(&Node, Held)]) -> Compared {
    let Some((first, reference)) = others.first() else {
        return Compared::Unclear("nothing here is selected by `same_as`".to_owned(), false);
    };
    let Held::Like { values, .. } = reference else {
        return match compare(judged, reference, &[], None) {
            Compared::Unclear(why, missing) => {
                Compared::Unclear(format!("{}: {why}", spoken(first)), missing)
            }
            Compared::Equal | Compared::Different(_) => {
                Compared::Unclear(format!("{} does not say", spoken(first)), false)
            }
        };
    };
    let agrees = |other: &Held| matches!(other, Held::Like { values: own, .. } if own == values);
    if let Some((other, _)) = others.iter().find(|(_, other)| !agrees(other)) {
        let why = format!("`same_as` selects several that differ: {}, {}", spoken(first), spoken(other));
        return Compared::Unclear(why, false);
    }
    compare(judged, held, values, Some(first))
}

fn compare(judged: &Judged<'_>, held: &Held, wanted: &[Told], elsewhere: Option<&Node>) -> Compared {
    let nothing = [Told::Plain(Plain::text(""))];
    let values = match held {
        Held::Like { values, .. } if values.is_empty() => &nothing[..],
        Held::Like { values, .. } => values,
        Held::Missing if wanted == nothing => return Compared::Equal,
        Held::Missing => {
            return Compared::Unclear("no source says anything of this attribute".to_owned(), false);
        }
        Held::Unclear { why, .. } => {
            let (why, missing) = unclear::why(judged, why);
            return Compared::Unclear(why, missing);
        }
    };
    let known = |told: &Told| matches!(told, Told::Plain(_) | Told::Deep(_));
    // One that is expected is expected of all that the path leads to.
    let different = values.iter().enumerate().find(|(index, value)| {
        let expected = wanted.get(*index).or(wanted.first()).filter(|expected| known(expected));
        known(value) && expected.is_some_and(|expected| expected != *value)
    });
    if let Some((index, value)) = different {
        return Compared::Different(differs(value, wanted.get(index).or(wanted.first()), elsewhere));
    }
    let clear = values.iter().chain(wanted).all(known);
    match clear && (elsewhere.is_none() || values.len() == wanted.len()) {
        true => Compared::Equal,
        false if clear => Compared::Different("differs from where it is measured by".to_owned()),
        false => Compared::Unclear("it is sensitive or known only after apply".to_owned(), false),
    }
}

/// Where the same thing is in another state, and in which: what was tested there was something else.
fn elsewhere(held: &Held, siblings: &[(&Node, Held)]) -> String {
    let Held::Like { values: own, .. } = held else { return String::new() };
    let differing: Vec<String> = siblings
        .iter()
        .filter_map(|(sibling, held)| match held {
            Held::Like { values, .. } if values != own => {
                let known = |told: &Told| matches!(told, Told::Plain(_) | Told::Deep(_));
                let state = values.iter().all(known).then(|| match values.as_slice() {
                    [Told::Plain(plain)] => plain.shown().map(|shown| format!(", where it is {shown}")),
                    _ => None,
                })?;
                Some(format!("{}{}", spoken(sibling), state.unwrap_or_default()))
            }
            _ => None,
        })
        .collect();
    let more = differing.len().saturating_sub(PLACES);
    match (differing.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!("; it differs from {}", differing.join(", and from ")),
        (false, more) => {
            let told: Vec<String> = differing.into_iter().take(PLACES).collect();
            format!("; it differs from {}, and {more} more", told.join(", and from "))
        }
    }
}

/// In words; values of which one could be a secret are not among them.
fn differs(value: &Told, wanted: Option<&Told>, elsewhere: Option<&Node>) -> String {
    let shown = |told: &Told| match told {
        Told::Plain(plain) => plain.shown().map(str::to_owned),
        _ => None,
    };
    let place = elsewhere.map(|other| format!(" as of {}", spoken(other))).unwrap_or_default();
    match (shown(value), wanted.and_then(shown)) {
        (Some(is), Some(wanted)) => format!("is {is}, and {wanted} is expected{place}"),
        _ => format!("is not what is expected{place}"),
    }
}

fn step(judged: &Judged<'_>, node: &Node, attribute: &str, held: &Held, evidence: &Evidence) -> Step {
    let source = judged.sources.get(evidence.source.0 as usize);
    let shown = match held {
        Held::Like { values, .. } => match values.as_slice() {
            [Told::Plain(plain)] => plain.shown(),
            _ => None,
        },
        Held::Unclear { .. } | Held::Missing => None,
    };
    Step {
        node: node.id.to_string(),
        kind: node.class.word().to_owned(),
        address: node.address.as_ref().map(ToString::to_string),
        need: None,
        because: shown.map(|shown| format!("`{attribute}` is {shown}")),
        evidence: EvidenceText {
            source: source.map(|source| source.path.clone()).unwrap_or_default(),
            pointer: Some(evidence.pointer.to_string()),
        },
    }
}
