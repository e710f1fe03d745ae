//! The answer of `rank`, as people read it.

use super::page::{Look, Page, Piece, Tone, dim, plain, strong};
use super::tree::{rating, spoken};
use super::when::{day, plural};
use crate::model::{Horizon, Moment, short_scope};
use crate::verdict::{Load, Mainstay, Ranking};

/// Columns of the numbers, and of the day on which the first workload falls.
const NUMBERS: [(&str, usize); 3] = [("critical", 8), ("important", 10), ("normal", 7)];
const FIRST: usize = 12;

/// The ranking as text.
pub fn ranking_text(answer: &Ranking, look: Look) -> String {
    let mut page = Page::new(look);
    if answer.mainstays.is_empty() {
        let why = match answer.workloads {
            0 => "no workload is known, so nothing can be said to carry one".to_owned(),
            some => format!(
                "{} known, and no single thing that one of them falls without",
                plural(some, "workload")
            ),
        };
        page.line(&[plain(why)]);
    } else {
        heading(&mut page);
    }
    for mainstay in &answer.mainstays {
        line(&mut page, mainstay);
    }
    if answer.mainstays.iter().any(|mainstay| mainstay.until.possible == Moment::Forever) {
        page.put(&[], &[plain("  ")], &[dim("?: perhaps; it hangs on something that is not known")]);
    }
    if answer.more {
        page.put(&[], &[], &[dim("there are others, which carry no more than these: --top N shows more")]);
    }
    for source in &answer.unknown_because {
        page.put(&[], &[plain("  ")], &[dim("not all is known: "), plain(source)]);
    }
    page.finish()
}

fn margin() -> usize {
    NUMBERS.iter().map(|(_, width)| width).sum::<usize>() + 2 + FIRST
}

fn heading(page: &mut Page) {
    let numbers: String = NUMBERS.iter().map(|(label, width)| format!("{label:>width$}")).collect();
    page.put(&[dim(format!("{numbers}  {:<FIRST$}", "first falls"))], &[], &[dim("without")]);
}

fn line(page: &mut Page, mainstay: &Mainstay) {
    let Load { critical, important, normal } = mainstay.carries;
    let mut lead: Vec<Piece> = Vec::new();
    for ((_, width), number) in NUMBERS.iter().zip([critical, important, normal]) {
        let tone = if number == 0 { Tone::Dim } else { Tone::Plain };
        lead.push((tone, format!("{number:>width$}")));
    }
    lead.push(plain(format!("  {:<FIRST$}", first(mainstay.until))));
    let hang = [plain(" ".repeat(margin() + 2))];
    page.put(&lead, &hang, &[strong(called(mainstay)), dim(format!("   {}", mainstay.kind))]);
    if let Some(after) = mainstay.carries_after {
        page.put(&hang, &hang, &[dim("after the plan: "), plain(load(after))]);
    }
    if page.look().verbose {
        if called(mainstay) != spoken(&mainstay.node) {
            page.put(&hang, &hang, &[dim(&*mainstay.node)]);
        }
        for workload in &mainstay.workloads {
            let name = plain(format!("{}  ", spoken(&workload.workload)));
            page.put(
                &[plain(" ".repeat(margin())), dim("└─ ")],
                &hang,
                &[name, rating(workload.criticality)],
            );
        }
    }
}

/// What people call it: ids that are paths are for programs, and so are paths in ids.
fn called(mainstay: &Mainstay) -> String {
    let id = spoken(&mainstay.node);
    let name = if mainstay.node.starts_with('/') { &mainstay.name } else { &id };
    let words = name.split(' ').map(|word| if word.starts_with('/') { short_scope(word) } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn load(load: Load) -> String {
    let parts = [(load.critical, "critical"), (load.important, "important"), (load.normal, "normal")];
    let told: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    if told.is_empty() { "nothing".to_owned() } else { told.join(", ") }
}

/// When the first of them falls.
fn first(until: Horizon) -> String {
    let told = |moment: Moment| match moment {
        Moment::Never => "at once".to_owned(),
        Moment::At(instant) => day(instant),
        Moment::Eventually => "some day".to_owned(),
        Moment::Forever => "never".to_owned(),
    };
    match until.possible {
        // It may hold for ever, or fall as soon as this.
        Moment::Forever => format!("? {}", told(until.sure)),
        possible => told(possible),
    }
}
