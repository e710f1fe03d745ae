//! What a thing is like before and after a plan, where several sources tell of it.
//!
//! A plan that sets a value decides it. Otherwise the newest source is believed, and where sources differ and their order
//! is unclear, none is: as with claims whether a thing exists.

use super::scenario::Stage;
use crate::model::{ChangeIx, Doubt, Evidence, Instant, Node, Source, Told};

/// By what values are read.
pub struct Reading<'a> {
    /// Where they come from.
    pub sources: &'a [Source],
    /// The now of the run: what is later orders nothing.
    pub now: Instant,
    /// Whether a change is made.
    pub makes: &'a dyn Fn(ChangeIx) -> bool,
}

/// What a thing is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Like this.
    Like {
        /// The values.
        values: Vec<Told>,
        /// Where that is told.
        evidence: Evidence,
        /// The change that sets them, if one does.
        change: Option<ChangeIx>,
    },
    /// It cannot be told.
    Unclear {
        /// Why.
        why: Why,
        /// The change that makes it so, if one does.
        change: Option<ChangeIx>,
    },
    /// No source says anything of this attribute.
    Missing,
}

/// Why it cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is known only after apply.
    AfterApply,
    /// A plan deletes the thing, and nobody says what then holds.
    Deleted,
    /// Two plans set it to different values.
    Contested,
    /// These say different things, and which is newer is not known.
    Order(Evidence, Evidence),
    /// Only this tells of it, and it is too old.
    Old(Evidence),
}

/// What one source says.
struct Word<'a> {
    values: &'a [Told],
    evidence: &'a Evidence,
}

impl Reading<'_> {
    /// What an attribute of a thing is at a stage.
    pub fn held(&self, node: &Node, name: &str, stage: Stage) -> Held {
        if stage != Stage::Before
            && let Some(decided) = self.decided(node, name)
        {
            return decided;
        }
        self.told(node, name)
    }

    /// What the plan makes of it, if it makes something of it.
    fn decided(&self, node: &Node, name: &str) -> Option<Held> {
        let mut found: Option<Held> = None;
        let mut deleted = None;
        let mut changes: Vec<ChangeIx> = node.states.iter().filter_map(|state| state.change).collect();
        changes.dedup();
        for change in changes.into_iter().filter(|change| (self.makes)(*change)) {
            let of = |state: &&crate::model::State| state.change == Some(change);
            let after = node.states.iter().filter(of).find(|state| state.side.after());
            let was = node.states.iter().filter(of).find(|state| state.side.before());
            let old = was.map(|state| state.values(name)).unwrap_or_default();
            let new = after.map(|state| state.values(name)).unwrap_or_default();
            match after {
                None => deleted = Some(change),
                // It is what it was, or says as little of it as before.
                Some(_) if new == old && !new.contains(&Told::Unknown) => {}
                Some(state) if new.contains(&Told::Unknown) || new.is_empty() => {
                    let why = match state.left {
                        true => Why::Deleted,
                        false => Why::AfterApply,
                    };
                    let unset = new.is_empty() && !state.left;
                    let own = match unset {
                        true => Held::Like {
                            values: Vec::new(),
                            evidence: state.evidence.clone(),
                            change: Some(change),
                        },
                        false => Held::Unclear { why, change: Some(change) },
                    };
                    found = Some(join(found, own));
                }
                Some(state) => {
                    let (values, evidence) = (new.to_vec(), state.evidence.clone());
                    found = Some(join(found, Held::Like { values, evidence, change: Some(change) }));
                }
            }
        }
        // Made anew at another address, it is not gone.
        let stays = || {
            node.states.iter().any(|state| {
                state.side.after() && !state.left && state.change.is_some_and(|change| (self.makes)(change))
            })
        };
        found.or_else(|| {
            let change = deleted.filter(|_| !stays())?;
            Some(Held::Unclear { why: Why::Deleted, change: Some(change) })
        })
    }

    /// What sources say that it is like, those that no change has set to something else.
    fn told(&self, node: &Node, name: &str) -> Held {
        let before = node.states.iter().filter(|state| state.side.before() && !state.left);
        let words: Vec<Word<'_>> = before
            .map(|state| Word { values: state.values(name), evidence: &state.evidence })
            .filter(|word| !word.values.is_empty())
            .collect();
        let fresh: Vec<&Word<'_>> = words.iter().filter(|word| !self.is_old(word.evidence)).collect();
        let Some(first) = fresh.first() else {
            return match words.first() {
                Some(old) => Held::Unclear { why: Why::Old(old.evidence.clone()), change: None },
                None => Held::Missing,
            };
        };
        let newest = fresh.iter().copied().max_by_key(|word| self.time(word.evidence)).unwrap_or(first);
        let like = |word: &Word<'_>| Held::Like {
            values: word.values.to_vec(),
            evidence: word.evidence.clone(),
            change: None,
        };
        for other in fresh.iter().filter(|word| word.values != newest.values) {
            let ordered = match (self.time(other.evidence), self.time(newest.evidence)) {
                (Some(one), Some(two)) => one < two,
                _ => false,
            };
            if !ordered {
                let why = Why::Order(newest.evidence.clone(), other.evidence.clone());
                return Held::Unclear { why, change: None };
            }
        }
        like(newest)
    }

    fn source(&self, evidence: &Evidence) -> Option<&Source> {
        self.sources.get(evidence.source.0 as usize)
    }

    /// When a source was taken, if that can order it.
    fn time(&self, evidence: &Evidence) -> Option<Instant> {
        self.source(evidence)?.taken_at.filter(|taken| *taken <= self.now)
    }

    fn is_old(&self, evidence: &Evidence) -> bool {
        self.source(evidence).is_some_and(|source| matches!(source.doubt, Some(Doubt::Old(_))))
    }
}

/// What two plans make of one thing.
fn join(one: Option<Held>, other: Held) -> Held {
    match (&one, &other) {
        (None, _) => other,
        (Some(Held::Like { values, .. }), Held::Like { values: new, .. }) if values == new => other,
        (Some(_), Held::Like { change, .. } | Held::Unclear { change, .. }) => {
            Held::Unclear { why: Why::Contested, change: *change }
        }
        (Some(_), Held::Missing) => other,
    }
}
