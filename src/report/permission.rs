//! The answer of `can`, as people read it.

use super::page::{Look, Page, Tone, dim, plain, strong};
use super::tree::{Ends, draw, spoken};
use super::when::{horizon, plural};
use crate::model::{Horizon, short_scope};
use crate::verdict::{Allowed, ByGrant, May, Permission};

/// Whether it may, by what, and what is not known.
pub fn permission_text(answer: &Permission, look: Look) -> String {
    let mut page = Page::new(look);
    page.line(&[strong(spoken(&answer.principal))]);
    let what = format!("{} on {}", answer.action, short_scope(&answer.scope));
    page.put(&[plain("  ")], &[plain("    ")], &[plain(what)]);
    state(&mut page, answer, if answer.after.is_some() { "before the plan" } else { "now" }, &answer.before);
    if let Some(after) = &answer.after {
        state(&mut page, answer, "after the plan", after);
    }
    if !look.quiet {
        page.blank();
        let (grants, groups) = (plural(answer.grants, "grant"), plural(answer.groups, "group"));
        page.line(&[dim(format!("{grants} of it and of {groups} looked at"))]);
    }
    page.finish()
}

fn state(page: &mut Page, answer: &Permission, when: &str, allowed: &Allowed) {
    if !page.look().quiet {
        page.blank();
    }
    let tone = match allowed.may {
        May::Yes => Tone::Good,
        May::No => Tone::Error,
        May::Unknown => Tone::Warning,
    };
    let mut line = vec![strong(format!("{when:<16}")), (tone, allowed.may.word().to_owned())];
    if allowed.may == May::Yes && allowed.until != Horizon::FOREVER {
        line.push(plain(format!(", {}", horizon(allowed.until))));
    }
    page.put(&[], &[plain("  ")], &line);
    if page.look().quiet {
        return;
    }
    for by in &allowed.by {
        grant(page, answer, by);
    }
    for reason in &allowed.unknown_because {
        page.put(
            &[plain("  ")],
            &[plain("    ")],
            &[(Tone::Warning, "not known: ".to_owned()), plain(reason)],
        );
    }
    if !allowed.why.is_empty() {
        draw(page, &[plain("  ")], "  ", &allowed.why, &Ends::default());
    }
}

fn grant(page: &mut Page, answer: &Permission, by: &ByGrant) {
    // The scope stands above, if it is the same.
    let why = by.why.strip_suffix(&format!(", {}", answer.scope)).unwrap_or(&by.why);
    let mut line = vec![plain(format!("by {}", spoken(&by.grant))), dim(format!("   {why}"))];
    if by.until != Horizon::FOREVER {
        line.push(plain(format!(" · {}", horizon(by.until))));
    }
    // In full below, where it decides.
    if by.doubt.is_some() {
        line.push((Tone::Warning, " · doubt".to_owned()));
    }
    if let Some(evidence) = by.evidence.as_ref().filter(|_| page.look().verbose) {
        let pointer = evidence.pointer.as_deref().unwrap_or_default();
        line.push(dim(format!(" · shown by {} {pointer}", evidence.source).trim_end().to_owned()));
    }
    page.put(&[plain("  ")], &[plain("    ")], &line);
}
