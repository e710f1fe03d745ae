//! `identity-mismatch`: things that are known by a key are not, or no longer, known by one that their inventory has.

use super::mass_destruction::is_over;
use super::members::{Fit, Member, Rekeyed, members};
use super::people::sort;
use super::view::finish;
use super::{Draft, Judged, Rule};
use crate::estate::resting_on;
use crate::model::{Action, ChangeIx, Inventory, NodeIx, Population, Presence, Source};
use crate::verdict::{Cause, CauseChange, Certainty, EvidenceText, Finding, MemberLine, RuleText, Subject};
use std::collections::{BTreeMap, BTreeSet};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "identity-mismatch",
        what: "the plan changes the attribute by which the things of a `[[population]]` are known, or more of them than \
               `max_mismatch` are not in its inventory",
        why: "JumpCloud, 2025: by a new API the identifier of some devices was another than the one they were known by; a \
              security rule matched by it, and un-enrolled them",
        example: "`udid` of 9 of 24 devices changes, and the inventory of enrolled devices has none of the new ones",
        resolve: "keep the key as it is, or enrol the things under the new one first and take the inventory anew",
    },
    read,
};

const HELP: &str = "find out which key is right before anything is matched by it; keep it, or enrol them under the new one \
                    first and take the inventory anew";

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let populations = judged.declarations.statements.populations.iter();
    let each = populations.zip(&judged.estate.meant.populations).zip(judged.inventories);
    each.filter_map(|((population, nodes), inventory)| {
        let members = members(judged, population, nodes, inventory);
        Tally::of(judged, population, inventory, &members)?.finding()
    })
    .collect()
}

/// The members of one population, counted.
struct Tally<'a, 'j> {
    judged: &'a Judged<'j>,
    population: &'a Population,
    source: &'a Source,
    members: &'a [Member<'j>],
    /// How many there are before.
    before: usize,
    /// How many there are after, or may be.
    after: usize,
    /// Those that surely do not match.
    fail: usize,
    /// Those that may not.
    may_fail: usize,
    /// Those of the first that would match but for letter case.
    but_for_case: usize,
    /// More of them surely do not match than is accepted.
    over: bool,
    /// More of them may not match than is accepted.
    may_be_over: bool,
}

impl<'a, 'j> Tally<'a, 'j> {
    /// Nothing, where there is no member.
    fn of(
        judged: &'a Judged<'j>,
        population: &'a Population,
        inventory: &Inventory,
        members: &'a [Member<'j>],
    ) -> Option<Self> {
        let source = judged.sources.get(inventory.source.0 as usize)?;
        let count = |is: &dyn Fn(&Member<'_>) -> bool| members.iter().filter(|member| is(member)).count();
        let there = |member: &Member<'_>| member.is != Presence::Absent;
        let surely = |member: &Member<'_>| member.is == Presence::Present && member.fit.fails();
        let after = count(&there);
        let fail = count(&surely);
        let matching = count(&|member| there(member) && member.fit == Fit::Matches);
        let may_fail = after.saturating_sub(matching).saturating_sub(fail);
        // At the worst, those that may be gone and match are gone.
        let may_go = count(&|member| member.is == Presence::Unknown && member.fit == Fit::Matches);
        let least = after.saturating_sub(may_go);
        let over = |part: usize, whole: usize| is_over(part as u64, whole as u64, population.max_mismatch);
        (!members.is_empty()).then(|| Tally {
            judged,
            population,
            source,
            members,
            before: count(&|member| member.was),
            after,
            fail,
            may_fail,
            but_for_case: count(&|member| surely(member) && member.fit == Fit::ButForCase),
            over: over(fail, after),
            may_be_over: over(fail.saturating_add(may_fail), least),
        })
    }

    /// Whether the plan decides by which key a member is known then.
    fn by_plan(&self, member: &Member<'_>) -> bool {
        member.change.is_some() && (!member.was || member.rekeyed.is_some())
    }

    /// Whether a member is one of those that the finding is about.
    fn is_told(&self, member: &Member<'_>) -> bool {
        let stays_unmatched = self.may_be_over && member.is != Presence::Absent && member.fit != Fit::Matches;
        match &member.rekeyed {
            Some(Rekeyed::Surely | Rekeyed::Perhaps(_)) => true,
            Some(Rekeyed::Repaired) => false,
            // Without the inventory it is of none of them known; those that the plan touches are told.
            None => stays_unmatched && (self.source.complete() || self.by_plan(member)),
        }
    }

    fn rekeyed(&self, is: impl Fn(&Rekeyed) -> bool) -> usize {
        self.members.iter().filter_map(|member| member.rekeyed.as_ref()).filter(|own| is(own)).count()
    }

    fn finding(&self) -> Option<Draft> {
        let surely = self.rekeyed(|own| *own == Rekeyed::Surely);
        let perhaps = self.rekeyed(|own| matches!(own, Rekeyed::Perhaps(_)));
        let repaired = self.rekeyed(|own| *own == Rekeyed::Repaired);
        let lesser = surely == 0 && perhaps == 0 && !self.may_be_over;
        if lesser && repaired == 0 {
            return None;
        }
        let mut told: Vec<&Member<'_>> = self.members.iter().filter(|member| self.is_told(member)).collect();
        if lesser {
            told = self.members.iter().filter(|member| member.rekeyed.is_some()).collect();
        }
        let subject = Subject {
            id: self.population.name.clone(),
            kind: "population".to_owned(),
            address: None,
            action: None,
            reason: None,
        };
        let title = self.title(surely, perhaps, lesser.then_some(repaired));
        let mut finding = self.judged.finding(RULE.text.id, title, subject, &self.help(lesser));
        let certain = surely > 0 || lesser || self.over;
        finding.certainty = Certainty::of(certain);
        finding.unknown_because = self.unknown(&told);
        finding.missing_input = !lesser && self.after > 0 && self.is_missing(&told);
        finding.members = told.iter().map(|member| self.line(member)).collect();
        finding.members.sort();
        self.concern(&mut finding, &told);
        let causes = self.causes(&told, surely.saturating_add(perhaps) > 0 || lesser);
        if causes.is_empty() {
            finding.cause = Cause::Standing;
        }
        finding.location = self.judged.declared_at(self.population.line);
        // Which of them it hits changes, and it stays the same finding.
        let mut finding = finish(finding);
        finding.causes = causes;
        Some(Draft { finding, lesser })
    }

    fn title(&self, surely: usize, perhaps: usize, repaired: Option<usize>) -> String {
        let Population { name, key, written, max_mismatch, .. } = self.population;
        let before = self.before;
        if let Some(repaired) = repaired {
            return format!("this plan sets `{key}` of {repaired} of {before} {name} to what {written} has");
        }
        let changes = match (surely, perhaps) {
            (0, 0) => None,
            (0, perhaps) => Some(format!("this plan may change `{key}` of {perhaps} of {before} {name}")),
            (surely, 0) => Some(format!("this plan changes `{key}` of {surely} of {before} {name}")),
            (surely, perhaps) => Some(format!(
                "this plan changes `{key}` of {surely} of {before} {name}, and may change it of {perhaps} more"
            )),
        };
        let after = self.after;
        if after > 0 && !self.source.complete() {
            return match changes {
                Some(changes) => format!("{changes}; whether they match {written} then is not known"),
                None => format!("whether {after} {name} match {written} by `{key}` is not known"),
            };
        }
        let (part, verb) = match self.over {
            true => (self.fail, if self.fail == 1 { "matches" } else { "match" }),
            false => (self.fail.saturating_add(self.may_fail), "may match"),
        };
        let share = format!("{}, where {} is accepted", percent(part, after), in_percent(*max_mismatch));
        match changes {
            Some(changes) if self.may_be_over => {
                format!("{changes}; {part} of {after} then {verb} no row of {written}: {share}")
            }
            Some(changes) => changes,
            None => format!("{part} of {after} {name} {verb} no row of {written} by `{key}`: {share}"),
        }
    }

    fn help(&self, lesser: bool) -> String {
        if lesser {
            return String::new();
        }
        match self.but_for_case {
            0 => HELP.to_owned(),
            1 => format!("1 of them would match but for letter case; {HELP}"),
            some => format!("{some} of them would match but for letter case; {HELP}"),
        }
    }

    /// Why it is not certain.
    fn unknown(&self, told: &[&Member<'_>]) -> Vec<String> {
        let key = &self.population.key;
        let mut reasons: Vec<String> = Vec::new();
        if let Some(doubt) = &self.source.doubt {
            reasons.push(format!("{}: {}", self.source.path, doubt.reason()));
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for member in told {
            match (&member.rekeyed, &member.fit) {
                (Some(Rekeyed::Perhaps(why)), _) => *counts.entry(why).or_default() += 1,
                (_, Fit::Unclear(why, _)) if self.source.complete() => *counts.entry(why).or_default() += 1,
                _ => {}
            }
        }
        reasons.extend(counts.into_iter().map(|(why, count)| format!("`{key}` of {count} of them: {why}")));
        let perhaps = told.iter().filter(|member| member.is == Presence::Unknown).count();
        if perhaps > 0 {
            reasons.push(format!("whether {perhaps} of them are there then is not known"));
        }
        reasons
    }

    fn is_missing(&self, told: &[&Member<'_>]) -> bool {
        let missing = |member: &&Member<'_>| matches!(member.fit, Fit::Unclear(_, true));
        !self.source.complete() || told.iter().any(missing)
    }

    /// The changes that bring it about. `rekeys`: some change the key of what is there.
    fn causes(&self, told: &[&Member<'_>], rekeys: bool) -> Vec<CauseChange> {
        let touched = told.iter().filter(|member| self.by_plan(member));
        let mut changes: Vec<(ChangeIx, bool)> =
            touched.filter_map(|member| Some((member.change?, member.rekeyed.is_some()))).collect();
        changes.sort();
        changes.dedup_by_key(|(change, _)| *change);
        let all = changes.len();
        let unmatched = self.fail.saturating_add(self.may_fail);
        let over = |part: usize| is_over(part as u64, self.after as u64, self.population.max_mismatch);
        let stands = |member: &&Member<'_>| {
            !self.by_plan(member) && member.is != Presence::Absent && member.fit != Fit::Matches
        };
        let standing = self.members.iter().filter(stands).count();
        let cause = |(change, rekeyed): (ChangeIx, bool)| {
            let sufficient = rekeyed || over(standing.saturating_add(1));
            let necessary = match rekeys {
                true => all == 1 && !over(standing),
                false => !over(unmatched.saturating_sub(1)),
            };
            self.judged.cause(change, sufficient, necessary)
        };
        let mut causes: Vec<_> = changes.into_iter().filter_map(cause).collect();
        causes.sort();
        causes
    }

    /// Names the workloads that rest on those that it is about, or are among them.
    fn concern(&self, finding: &mut Finding, told: &[&Member<'_>]) {
        let nodes: Vec<NodeIx> = told.iter().map(|member| member.index).collect();
        let resting = resting_on(self.judged.before.evaluator, &nodes);
        let all: BTreeSet<NodeIx> = resting.into_iter().chain(nodes).collect();
        finding.affects =
            all.into_iter().filter_map(|index| self.judged.concerned(index, finding.certainty)).collect();
        sort(&mut finding.affects);
    }

    fn line(&self, member: &Member<'_>) -> MemberLine {
        let change = member.change.and_then(|change| self.judged.change(change));
        let replaced = change.is_some_and(|change| {
            matches!(change.action, Action::DeleteCreate | Action::CreateDelete | Action::ForgetCreate)
        });
        let (key, file) = (&self.population.key, &self.population.written);
        let changes = match &member.rekeyed {
            Some(Rekeyed::Perhaps(_)) => Some(format!("`{key}` may change")),
            Some(Rekeyed::Surely | Rekeyed::Repaired) => Some(format!("`{key}` changes")),
            None => None,
        };
        let is_lost = member.is == Presence::Absent;
        let fit = match &member.fit {
            _ if is_lost || !self.source.complete() => None,
            Fit::Matches => changes.as_ref().map(|_| format!("{file} has the new one")),
            Fit::ButForCase => Some(format!("{file} has it in other letter case only")),
            Fit::Differs => Some(format!("no row of {file} has it")),
            Fit::Keyless => Some(format!("it has no `{key}`")),
            Fit::Unclear(why, _) => Some(why.clone()),
        };
        let parts = [replaced.then(|| "replaced".to_owned()), changes, fit];
        let why = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
        let evidence = member.evidence.as_ref().and_then(|evidence| {
            let source = self.judged.sources.get(evidence.source.0 as usize)?.path.clone();
            Some(EvidenceText { source, pointer: Some(evidence.pointer.to_string()) })
        });
        let own = || member.node.address.as_ref().map(ToString::to_string);
        MemberLine {
            node: member.node.id.to_string(),
            address: change.map(|change| change.address.to_string()).or_else(own),
            action: change.map(|change| change.action.tally().to_owned()),
            why,
            evidence,
        }
    }
}

/// `37.5 %`; less than a tenth of one is said so.
fn percent(part: usize, whole: usize) -> String {
    let exact = |number: usize| u32::try_from(number).map_or(f64::from(u32::MAX), f64::from);
    match part {
        0 => "0 %".to_owned(),
        part => in_percent(exact(part) / exact(whole.max(1))),
    }
}

fn in_percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    match text.strip_suffix(".0").unwrap_or(&text) {
        "0" if share > 0.0 => "less than 0.1 %".to_owned(),
        // All but a few are not all.
        "100" if share < 1.0 => "99.9 %".to_owned(),
        text => format!("{text} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_said_in_tenths_and_never_as_none_or_all_where_they_are_not() {
        for (part, whole, said) in [
            (9, 24, "37.5 %"),
            (1, 3, "33.3 %"),
            (0, 24, "0 %"),
            (24, 24, "100 %"),
            (1, 10_000, "less than 0.1 %"),
            (9_999, 10_000, "99.9 %"),
        ] {
            assert_eq!(percent(part, whole), said);
        }
        assert_eq!(in_percent(0.01), "1 %");
    }
}
