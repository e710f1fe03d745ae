//! Proofs and chains as trees: the workload first, what it hangs on below it.

use super::page::{Page, Piece, Tone, dim, plain};
use crate::model::Criticality;
use crate::verdict::Step;

/// What is said about the ends of a chain.
#[derive(Debug, Clone, Default)]
pub(super) struct Ends {
    /// Of the first step.
    pub(super) criticality: Option<Criticality>,
    /// Of the last: what is wrong there.
    pub(super) cut: Option<&'static str>,
}

/// `kubernetes:Ingress/prod/gateway` as people say it: `Ingress prod/gateway`. Other ids stay.
pub(super) fn spoken(id: &str) -> String {
    let name = id.strip_prefix("kubernetes:").and_then(|rest| rest.split_once('/'));
    name.map_or_else(|| id.to_owned(), |(kind, name)| format!("{kind} {name}"))
}

/// `★ critical`, `important`.
pub(super) fn rating(criticality: Criticality) -> Piece {
    match criticality {
        Criticality::Critical => (Tone::Error, "★ critical".to_owned()),
        other => dim(other.word()),
    }
}

/// Draws a chain below `lead`, with `margin` before every further line.
pub(super) fn draw(page: &mut Page, lead: &[Piece], margin: &str, steps: &[Step], ends: &Ends) {
    let last = steps.len().saturating_sub(1);
    for (depth, step) in steps.iter().enumerate() {
        let indent = " ".repeat(depth.saturating_sub(1) * 3);
        let own = " ".repeat(depth * 3);
        let first: Vec<Piece> = match depth {
            0 => lead.to_vec(),
            _ => vec![plain(margin), dim(format!("{indent}└─ "))],
        };
        let hang = vec![plain(format!("{margin}{own}  "))];
        page.put(&first, &hang, &line(step, depth, last, ends));
        if page.look().verbose {
            let evidence = &step.evidence;
            let pointer = evidence.pointer.as_deref().unwrap_or_default();
            let place = format!("shown by {} {pointer}", evidence.source);
            page.put(&[plain(format!("{margin}{own}  "))], &hang, &[dim(place.trim_end())]);
        }
    }
}

fn line(step: &Step, depth: usize, last: usize, ends: &Ends) -> Vec<Piece> {
    let is_end = depth == last && ends.cut.is_some();
    let name = match &step.address {
        Some(address) if is_end => address.clone(),
        _ => spoken(&step.node),
    };
    let mut pieces = vec![plain(name)];
    if let Some(criticality) = ends.criticality.filter(|_| depth == 0) {
        pieces.push(plain("  "));
        pieces.push(rating(criticality));
    }
    // The mark at the end says already what the plan does.
    let said = |text: &&String| is_end && text.ends_with(" by this plan") && !text.contains(';');
    let mut beside: Vec<String> =
        step.because.iter().filter(|text| !text.is_empty() && !said(text)).cloned().collect();
    // What people declare is a sentence of its own: `uses vault:…`.
    let sentence =
        |need: &String| if need.starts_with("uses ") { need.clone() } else { format!("needs {need}") };
    beside.extend(step.need.iter().filter(|_| depth != last || last == 0).map(sentence));
    if is_end {
        pieces.push((Tone::Error, "   ✗ ".to_owned()));
        beside.splice(0..0, ends.cut.map(str::to_owned));
    } else if !beside.is_empty() {
        pieces.push(plain("   "));
    }
    pieces.push(plain(beside.join("; ")));
    pieces
}
