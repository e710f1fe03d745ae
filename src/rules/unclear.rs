//! Why what an attribute is like cannot be told, in words.

use super::Judged;
use crate::estate::Why;
use crate::model::Evidence;

/// In words, and whether it is input that should be there.
pub fn why(judged: &Judged<'_>, why: &Why) -> (String, bool) {
    let of = |evidence: &Evidence| judged.sources.get(evidence.source.0 as usize);
    let source = |evidence: &Evidence| of(evidence).map(|source| source.path.clone()).unwrap_or_default();
    match why {
        Why::AfterApply => ("it is known only after apply".to_owned(), false),
        Why::Deleted => ("it is deleted or unset, and nobody says what then holds".to_owned(), false),
        Why::Contested => ("two changes set it to different values".to_owned(), false),
        Why::Order(one, other) => {
            let (one, other) = (source(one), source(other));
            (format!("{one} and {other} say different things, and which is newer is not known"), false)
        }
        Why::Old(evidence) => {
            let doubt = of(evidence).and_then(|source| source.doubt.as_ref());
            let doubt = doubt.map_or("too old", |doubt| doubt.reason());
            (format!("{}: {doubt}", source(evidence)), true)
        }
    }
}
