//! "Did you mean": the nearest known word to one that is not known.

use similar::get_close_matches;

/// Below this likeness a suggestion would only confuse.
const LIKENESS: f32 = 0.6;

/// The candidate most like `word`, if one is like it at all. Letter case does not matter, the spelling of the
/// candidate is kept; a candidate that `word` is the beginning or the end of counts as like it.
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let sought = word.to_lowercase();
    let mut sorted: Vec<&str> = candidates.into_iter().filter(|candidate| !candidate.is_empty()).collect();
    sorted.sort_unstable();
    let lowered: Vec<String> = sorted.iter().map(|candidate| candidate.to_lowercase()).collect();
    let possible: Vec<&str> = lowered.iter().map(String::as_str).collect();
    let nearest =
        get_close_matches(sought.as_str(), &possible, 1, LIKENESS).into_iter().next().or_else(|| {
            let partial = |candidate: &&&str| candidate.starts_with(&sought) || candidate.ends_with(&sought);
            possible.iter().find(partial).filter(|_| sought.chars().count() > 2).copied()
        })?;
    let at = possible.iter().position(|candidate| *candidate == nearest)?;
    sorted.get(at).copied()
}

/// `, did you mean `x`?`, or nothing: the end of a message about a word that is not known.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    suggest(word, candidates).map(|nearest| format!(", did you mean `{nearest}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_a_stranger_is_not() {
        let known = ["criticality", "match", "name", "owner", "uses"];
        assert_eq!(suggest("critcality", known), Some("criticality"));
        assert_eq!(suggest("Owner", known), Some("owner"));
        assert_eq!(suggest("crit", known), Some("criticality"));
        assert_eq!(suggest("zebra", known), None);
        assert_eq!(did_you_mean("nmae", known), ", did you mean `name`?");
        assert_eq!(did_you_mean("zebra", known), "");
    }
}
