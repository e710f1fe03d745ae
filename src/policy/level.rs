//! Which level a finding has.

use crate::model::{Criticality, Declarations, Level, Levels, RuleId, RuleSettings};
use crate::verdict::{Cause, Certainty};

/// A rule that nothing rates must not pass in silence.
const UNRATED: Levels = Levels::all(Level::Approval);

/// The level of a finding of this rule. `has_plan`: a plan is judged, so what merely stands is a warning at most.
pub fn level(
    rule: &RuleId,
    cause: Cause,
    certainty: Certainty,
    criticality: Criticality,
    declarations: &Declarations,
    has_plan: bool,
) -> Level {
    let levels = declarations.rules.get(rule).map_or(UNRATED, |settings| main_case(settings, certainty));
    cap(levels.of(criticality), cause, declarations.advise, has_plan)
}

/// The level of the milder case that some rules tell apart (see `policies/default.toml`); it is never above
/// [`level`]. For rules that know one case only it is the same.
pub fn lesser(
    rule: &RuleId,
    cause: Cause,
    certainty: Certainty,
    criticality: Criticality,
    declarations: &Declarations,
    has_plan: bool,
) -> Level {
    let main = level(rule, cause, certainty, criticality, declarations, has_plan);
    let lesser = declarations.rules.get(rule).and_then(|settings| settings.lesser);
    lesser.map_or(main, |levels| levels.of(criticality).min(main))
}

/// The level of something that ends in `left` seconds, for rules with `approval_within` and `warn_within`: within the
/// first [`level`], within the second (or at any time, where there is none) [`lesser`], and a note beyond.
pub fn by_end(
    rule: &RuleId,
    left: i64,
    cause: Cause,
    certainty: Certainty,
    criticality: Criticality,
    declarations: &Declarations,
    has_plan: bool,
) -> Level {
    let settings = declarations.rules.get(rule);
    let within =
        |limit: fn(&RuleSettings) -> Option<i64>| settings.and_then(limit).is_none_or(|limit| left <= limit);
    if within(|settings| settings.approval_within) {
        return level(rule, cause, certainty, criticality, declarations, has_plan);
    }
    let lesser = lesser(rule, cause, certainty, criticality, declarations, has_plan);
    if within(|settings| settings.warn_within) { lesser } else { lesser.min(Level::Note) }
}

fn main_case(settings: &RuleSettings, certainty: Certainty) -> Levels {
    let certain = settings.level.unwrap_or(UNRATED);
    match certainty {
        Certainty::Certain => certain,
        Certainty::Possible => settings.possible.unwrap_or(certain),
    }
}

/// The most that a level may be: what stands is not the plan's fault, and `advise` holds nothing back.
pub(super) fn cap(level: Level, cause: Cause, advise: bool, has_plan: bool) -> Level {
    let capped = advise || (has_plan && cause == Cause::Standing);
    if capped { level.min(Level::Warn) } else { level }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn of(rule: &str, certainty: Certainty, criticality: Criticality) -> Level {
        level(&rule.into(), Cause::Plan, certainty, criticality, &config::defaults(), true)
    }

    #[test]
    fn the_table_of_levels_holds() {
        use Certainty::{Certain, Possible};
        use Criticality::{Critical, Important, Normal};
        let row = |certainty| [Critical, Important, Normal].map(|one| of("breaks-workload", certainty, one));
        assert_eq!(row(Certain), [Level::Approval, Level::Approval, Level::Warn]);
        assert_eq!(row(Possible), [Level::Approval, Level::Warn, Level::Note]);
        assert_eq!(of("removes-access", Certain, Critical), Level::Note);
        assert_eq!(of("mass-destruction", Possible, Normal), Level::Approval);
        let defaults = config::defaults();
        let removed = lesser(&"breaks-workload".into(), Cause::Plan, Certain, Important, &defaults, true);
        assert_eq!(removed, Level::Warn);
    }

    #[test]
    fn what_stands_is_a_warning_at_most_while_a_plan_is_judged() {
        let rule = "expiring-in-use".into();
        let of = |has_plan| {
            let defaults = config::defaults();
            let (certain, critical) = (Certainty::Certain, Criticality::Critical);
            level(&rule, Cause::Standing, certain, critical, &defaults, has_plan)
        };
        assert_eq!(of(true), Level::Warn);
        assert_eq!(of(false), Level::Approval);
    }

    #[test]
    fn advice_is_never_above_a_warning() {
        let declarations = Declarations { advise: true, ..config::defaults() };
        let rule = "breaks-workload".into();
        let found = level(&rule, Cause::Plan, Certainty::Certain, Criticality::Critical, &declarations, true);
        assert_eq!(found, Level::Warn);
    }

    #[test]
    fn a_rule_that_nothing_rates_needs_people() {
        assert_eq!(of("of-another-version", Certainty::Possible, Criticality::Normal), Level::Approval);
    }

    #[test]
    fn the_nearer_the_end_the_louder() {
        let day = 86_400;
        let of = |rule: &str, days: i64| {
            let (cause, certain) = (Cause::Standing, Certainty::Certain);
            let defaults = config::defaults();
            by_end(&rule.into(), days * day, cause, certain, Criticality::Critical, &defaults, false)
        };
        assert_eq!(
            [14, 15, 60, 61].map(|days| of("expiring-in-use", days)),
            [Level::Approval, Level::Warn, Level::Warn, Level::Note]
        );
        assert_eq!([14, 900].map(|days| of("bounded-credential", days)), [Level::Approval, Level::Warn]);
    }
}
