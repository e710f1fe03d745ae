//! A forecast, as people read it.

use super::page::{Look, Page, Piece, Tone, dim, plain, strong};
use super::tree::{Ends, draw, rating, spoken};
use super::when::{self, plural, span};
use crate::model::{Horizon, Instant, Moment, minute};
use crate::verdict::{Affected, ByPlan, Certainty, EndState, Ending, Forecast, Renewal, Renewed};
use std::collections::BTreeMap;

/// Before everything that belongs to an end, and columns before the text of a remark.
const MARGIN: &str = "   ";
const INDENT: usize = 15;

/// Workloads listed by name; ends that take nothing along; renewed things. `-v` lists all.
const WORKLOADS: usize = 5;
const IDLE: usize = 20;
const RENEWED: usize = 10;

/// The forecast as text.
pub fn forecast_text(answer: &Forecast, look: Look) -> String {
    let mut page = Page::new(look);
    heading(&mut page, answer);
    let with = with_others(answer);
    let of = |state: EndState| answer.ends.iter().filter(move |ending| ending.state == state);
    let coming = answer.ends.iter().filter(|ending| ending.state != EndState::Ended);
    section(&mut page, answer, &with, "ended already", &of(EndState::Ended).collect::<Vec<_>>());
    section(&mut page, answer, &with, "by date", &coming.collect::<Vec<_>>());
    let eventually: Vec<&Ending> = answer.eventually.iter().collect();
    section(&mut page, answer, &with, "eventually, on a day that is not known", &eventually);
    if !look.quiet {
        renewed(&mut page, answer);
        for source in &answer.unknown_because {
            page.put(&[], &[plain("  ")], &[dim("not all is known: "), plain(source)]);
        }
    }
    page.finish()
}

fn heading(page: &mut Page, answer: &Forecast) {
    let days = span(answer.until.as_second().saturating_sub(answer.now.as_second()));
    let number = |state: EndState| answer.ends.iter().filter(|ending| ending.state == state).count();
    let mut parts = vec![format!("{} to come", number(EndState::Ends))];
    for (count, words) in [
        (number(EndState::Ended), "ended already"),
        (answer.eventually.len(), "on a day that is not known"),
        (number(EndState::Mended), "that the plan takes away"),
        (answer.renewed.len(), "renewed"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    let looked = format!(
        "{} with an end looked at, {}",
        plural(answer.examined.things, "thing"),
        plural(answer.examined.workloads, "workload")
    );
    page.put(
        &[strong("ends"), plain(format!(" until {}", minute(answer.until)))],
        &[plain("  ")],
        &[dim(format!(" ({days}):")), plain(format!(" {}", parts.join(" · "))), dim(format!("   {looked}"))],
    );
    for plan in &answer.plans {
        page.put(&[dim("after the plan ")], &[plain("  ")], &[plain(plan)]);
    }
    page.blank();
}

/// What only ends with something else that is told, and takes no workload along: how much of which kind, by what it
/// ends with.
type With<'a> = BTreeMap<&'a str, BTreeMap<&'a str, usize>>;

fn with_others(answer: &Forecast) -> With<'_> {
    let mut with: With<'_> = BTreeMap::new();
    let all = || answer.ends.iter().chain(&answer.eventually);
    let told: std::collections::BTreeSet<&str> =
        all().filter(|ending| !is_only_with(ending)).map(|ending| ending.node.as_str()).collect();
    for ending in all().filter(|ending| is_only_with(ending)) {
        if let Some(other) = ending.ends_with.as_deref().filter(|other| told.contains(other)) {
            *with.entry(other).or_default().entry(&ending.kind).or_default() += 1;
        }
    }
    with
}

fn is_only_with(ending: &Ending) -> bool {
    ending.ends_with.is_some() && ending.affects.is_empty()
}

fn section(page: &mut Page, answer: &Forecast, with: &With<'_>, title: &str, endings: &[&Ending]) {
    let verbose = page.look().verbose;
    let counted = |ending: &Ending| {
        !verbose
            && is_only_with(ending)
            && ending.ends_with.as_deref().is_some_and(|other| with.contains_key(other))
    };
    let shown: Vec<&&Ending> = endings
        .iter()
        .filter(|ending| !counted(ending) && (!page.look().quiet || !ending.affects.is_empty()))
        .collect();
    if shown.is_empty() {
        return;
    }
    page.line(&[strong(title)]);
    page.blank();
    let mut idle = 0;
    for ending in &shown {
        if ending.affects.is_empty() {
            idle += 1;
            if idle > IDLE && !verbose {
                continue;
            }
        }
        one(page, answer, with, ending);
    }
    if let Some(more) = idle.checked_sub(IDLE).filter(|more| *more > 0 && !verbose) {
        let words =
            format!("and {} that no workload is known to rest on: -v lists them", plural(more, "more thing"));
        page.put(&[], &[plain("  ")], &[dim(words)]);
    }
    page.blank();
}

fn one(page: &mut Page, answer: &Forecast, with: &With<'_>, ending: &Ending) {
    let (tone, when) = date(ending, answer.now);
    let name = if ending.name.is_empty() { &ending.node } else { &ending.name };
    page.put(
        &[(tone, when), plain("   ")],
        &[plain("  ")],
        &[strong(name), plain(format!("   {}", what_happens(ending, answer.now)))],
    );
    takes(page, ending);
    if let Some(others) = with.get(ending.node.as_str()) {
        let kinds: Vec<String> = others.iter().map(|(kind, number)| plural(*number, kind)).collect();
        remark(page, "with it", &[plain(kinds.join(", "))]);
    }
    if ending.state != EndState::Mended {
        // Those that fail say why it is not renewed; where the way of none does, it did not come when it was due.
        let lost = |line: &&Renewal| line.until != Horizon::FOREVER;
        let any = ending.renewal.iter().any(|line| lost(&line));
        let failing = ending.renewal.iter().filter(|line| !line.holds && (!any || lost(line)));
        for line in failing {
            remark(page, "renewal", &renewal(line));
        }
        if !ending.path.is_empty() && (ending.path.len() > 1 || page.look().verbose) {
            let lead = [dim(format!("{MARGIN}= ")), plain(format!("{:<10}", "because"))];
            draw(page, &lead, &" ".repeat(INDENT), &ending.path, &Ends::default());
        }
    }
    for reason in &ending.unknown_because {
        remark(page, "unknown", &[plain(reason)]);
    }
    if page.look().verbose {
        remark(page, "known as", &[plain(&*ending.node)]);
    }
    page.blank();
}

/// `   = takes     text`.
fn remark(page: &mut Page, label: &str, body: &[Piece]) {
    page.put(
        &[dim(format!("{MARGIN}= ")), plain(format!("{label:<10}"))],
        &[plain(" ".repeat(INDENT))],
        body,
    );
}

fn date(ending: &Ending, now: Instant) -> (Tone, String) {
    let tone = match (ending.state, ending.certainty, ending.affects.is_empty()) {
        (EndState::Mended, _, _) => Tone::Good,
        (_, _, true) => Tone::Note,
        (_, Certainty::Possible, _) => Tone::Warning,
        _ => Tone::Error,
    };
    let text = match (ending.state, ending.at) {
        (_, Some(at)) if ending.trigger.as_deref() == Some("apply") && at == now => "at the apply".to_owned(),
        (_, Some(at)) => minute(at),
        (EndState::Ended, None) => "now".to_owned(),
        (_, None) => "some day".to_owned(),
    };
    (tone, text)
}

fn what_happens(ending: &Ending, now: Instant) -> String {
    let may = ending.certainty == Certainty::Possible;
    let mut parts: Vec<String> = Vec::new();
    parts.push(match (ending.state, ending.at, &ending.valid_until) {
        (EndState::Mended, ..) if ending.by_plan == Some(ByPlan::Removed) => {
            "was to end; this plan removes it".to_owned()
        }
        (EndState::Mended, ..) => "was to end; by this plan it does no longer".to_owned(),
        (EndState::Ended, Some(at), _) => {
            let ago = span(now.as_second().saturating_sub(at.as_second()));
            if may { format!("may have ended, {ago} ago") } else { format!("ended {ago} ago") }
        }
        (EndState::Ended, None, _) => if may { "may not hold" } else { "does not hold" }.to_owned(),
        (EndState::Ends, Some(_), _) if ending.trigger.as_deref() == Some("apply") => "falls".to_owned(),
        (EndState::Ends, Some(at), _) => {
            let left = span(at.as_second().saturating_sub(now.as_second()));
            if may { format!("may end, in {left}") } else { format!("ends, in {left}") }
        }
        _ => {
            let on = ending
                .trigger
                .as_deref()
                .map_or_else(|| "on a day that is not known".to_owned(), when::trigger);
            if may { format!("may end {on}") } else { format!("ends {on}") }
        }
    });
    if let Some(first) = ending.first_failure_at {
        let word = match (first <= now, may) {
            (true, _) => "renewal is overdue since",
            (false, true) => "renewal may fail",
            (false, false) => "first renewal fails",
        };
        parts.push(format!("{word} {}", minute(first)));
    }
    if let Some(other) = &ending.ends_with {
        parts.push(format!("with {}", spoken(other)));
    }
    match ending.by_plan.filter(|_| ending.state != EndState::Mended) {
        Some(ByPlan::New) => parts.push("made by this plan".to_owned()),
        Some(ByPlan::Sooner | ByPlan::Later) => {
            let was = ending.was.map(was).unwrap_or_default();
            parts.push(format!("before this plan {was}"));
        }
        Some(ByPlan::Removed) | None => {}
    }
    parts.join("; ")
}

fn was(horizon: Horizon) -> String {
    match (horizon.sure, horizon.possible) {
        (Moment::Forever, _) => "nothing ends it".to_owned(),
        _ => format!("it {}", when::horizon(horizon)),
    }
}

/// The workloads that it takes along, and when they break where that is another day.
fn takes(page: &mut Page, ending: &Ending) {
    if ending.affects.is_empty() {
        return remark(page, "takes", &[dim("no workload that is known")]);
    }
    let mut lines: Vec<(String, &Affected, String, usize)> = Vec::new();
    for affected in &ending.affects {
        let full = lines.len() > WORKLOADS && !page.look().verbose;
        let (name, when) = (spoken(&affected.workload), breaks(affected, ending));
        let same = lines.iter().position(|(known, one, at, _)| {
            (known, one.criticality, at) == (&name, affected.criticality, &when)
        });
        match same.and_then(|place| lines.get_mut(place)) {
            Some((.., number)) => *number += 1,
            None if full => break,
            None => lines.push((name, affected, when, 1)),
        }
    }
    let told = if page.look().verbose { lines.len() } else { WORKLOADS };
    for (place, (name, affected, when, number)) in lines.iter().take(told).enumerate() {
        let lead = match place {
            0 => [dim(format!("{MARGIN}= ")), plain(format!("{:<10}", "takes"))],
            _ => [plain(" ".repeat(INDENT)), plain("")],
        };
        let several = if *number > 1 { format!("  {number} parts of it") } else { String::new() };
        let body =
            [plain(format!("{name}  ")), rating(affected.criticality), plain(format!("{when}{several}"))];
        page.put(&lead, &[plain(" ".repeat(INDENT))], &body);
    }
    let shown: usize = lines.iter().take(told).map(|(.., number)| number).sum();
    if let Some(more) = ending.affects.len().checked_sub(shown).filter(|more| *more > 0) {
        page.put(
            &[plain(" ".repeat(INDENT))],
            &[plain(" ".repeat(INDENT))],
            &[dim(format!("and {more} more"))],
        );
    }
}

fn breaks(affected: &Affected, ending: &Ending) -> String {
    if ending.state == EndState::Mended {
        return String::new();
    }
    let may = if affected.certainty == Certainty::Possible { "perhaps, " } else { "" };
    match affected.until.possible {
        Moment::At(at) if Some(at) == ending.at => {
            if may.is_empty() {
                String::new()
            } else {
                "  perhaps".to_owned()
            }
        }
        Moment::At(at) => format!("  {may}breaks {}", minute(at)),
        Moment::Never if affected.trigger.as_deref() == Some("apply") => {
            format!("  {may}breaks at the apply")
        }
        Moment::Never => "  does not hold already".to_owned(),
        Moment::Eventually => {
            let on = affected
                .trigger
                .as_deref()
                .map_or_else(|| "on a day that is not known".to_owned(), when::trigger);
            format!("  {may}breaks {on}")
        }
        Moment::Forever => "  perhaps".to_owned(),
    }
}

fn renewal(line: &Renewal) -> Vec<Piece> {
    let state = match (line.holds, line.until) {
        (true, _) => "holds".to_owned(),
        (false, Horizon { sure: Moment::Forever, .. }) => {
            "its way holds, and it did not come when it was due".to_owned()
        }
        (false, until) => format!("its way {}", when::horizon(until)),
    };
    vec![plain(&*line.need), dim(": "), plain(state)]
}

fn renewed(page: &mut Page, answer: &Forecast) {
    if answer.renewed.is_empty() {
        return;
    }
    page.line(&[strong("renewed")]);
    page.blank();
    if answer.renewed.len() <= RENEWED || page.look().verbose {
        for one in &answer.renewed {
            let by = by(one);
            let due = one.due_at.map(|due| format!(", due {}", when::day(due))).unwrap_or_default();
            page.put(
                &[dim(minute(one.valid_until)), plain("   ")],
                &[plain("  ")],
                &[plain(&*one.name), dim(format!("   renewed{by}{due}"))],
            );
        }
        return page.blank();
    }
    let mut counted: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for one in &answer.renewed {
        *counted.entry((by(one), &one.kind)).or_default() += 1;
    }
    let mut counted: Vec<((String, &str), usize)> = counted.into_iter().collect();
    counted.sort_by(|(one, many), (other, more)| more.cmp(many).then_with(|| one.cmp(other)));
    for ((by, kind), number) in counted.iter().take(RENEWED) {
        page.put(&[], &[plain("  ")], &[plain(plural(*number, kind)), dim(format!(" renewed{by}"))]);
    }
    let rest: usize = counted.iter().skip(RENEWED).map(|(_, number)| number).sum();
    if rest > 0 {
        page.put(&[], &[plain("  ")], &[dim(format!("and {rest} more, renewed by others: -v lists them"))]);
    }
    page.blank();
}

fn by(one: &Renewed) -> String {
    let by: Vec<String> = one.by.iter().map(|id| spoken(id)).collect();
    if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) }
}
