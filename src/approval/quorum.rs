//! Whether enough people have signed: distinct, none of them a party, from every group that must be among them.

use crate::model::{Instant, Person};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody as other programs know them: a name, an e-mail address, an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// What part they had: `an author of the change`, `who applies it`.
    pub part: String,
    /// Names and addresses, all of one somebody.
    pub names: Vec<String>,
}

/// What the number of people hangs on.
#[derive(Debug, Clone, Default)]
pub struct Parties {
    /// People who must sign, as the policy has it.
    pub required: u32,
    /// Groups of which one member at least must be among them.
    pub groups: Vec<String>,
    /// Who asks.
    pub requesters: Vec<String>,
    /// Who wrote the change, and who applies it.
    pub identities: Vec<Identity>,
    /// Why more people are asked for, one each.
    pub dearer: Vec<String>,
}

/// A signature that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// Whose.
    pub person: String,
    /// Of which key.
    pub fingerprint: String,
    /// Which of the approvals that were given it is.
    pub number: usize,
    /// Whether it is a veto.
    pub rejects: bool,
    /// When it was signed, by the signer's own clock.
    pub issued: Instant,
}

/// Who counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quorum {
    /// People needed, the dearer ones included.
    pub needed: u32,
    /// Why it is more than the policy says.
    pub dearer: Vec<String>,
    /// People who count.
    pub counted: Vec<String>,
    /// The approvals by which they count.
    pub numbers: Vec<usize>,
    /// Approvals that do not count, with why.
    pub not_counted: Vec<(usize, String)>,
    /// Groups of which nobody has signed.
    pub groups_missing: Vec<String>,
    /// People who said no.
    pub vetoes: Vec<String>,
}

impl Quorum {
    /// Whether it is enough.
    pub fn is_met(&self) -> bool {
        self.vetoes.is_empty() && self.groups_missing.is_empty() && self.counted.len() >= self.needed as usize
    }

    /// How many more people must sign.
    pub fn missing(&self) -> usize {
        (self.needed as usize).saturating_sub(self.counted.len())
    }
}

/// Which people an identity may be: all whose names, principals or aliases it bears. Case does not count, nor do spaces
/// around.
pub(super) fn people_of<'p>(identity: &Identity, people: &'p [Person]) -> BTreeSet<&'p str> {
    let plain = |name: &str| name.trim().to_lowercase();
    let names: BTreeSet<String> = identity.names.iter().map(|name| plain(name)).collect();
    let bears = |person: &Person| {
        let known = person.known_as.iter().chain(&person.principals).chain([&person.name]);
        known.into_iter().any(|name| names.contains(&plain(name)))
    };
    people.iter().filter(|person| bears(person)).map(|person| person.name.as_str()).collect()
}

/// Weighs the voices.
pub fn weigh(parties: &Parties, voices: &[Voice], people: &[Person]) -> Quorum {
    let mut excluded: BTreeMap<&str, String> = BTreeMap::new();
    let mut dearer = parties.dearer.clone();
    for requester in &parties.requesters {
        excluded.insert(requester, "asked for it".to_owned());
    }
    let mut strangers: BTreeSet<Vec<String>> = BTreeSet::new();
    for identity in &parties.identities {
        let found = people_of(identity, people);
        if found.is_empty() {
            // Whoever that is may be among those who sign.
            let mut names: Vec<String> =
                identity.names.iter().map(|name| name.trim().to_lowercase()).collect();
            names.sort();
            if strangers.insert(names) {
                dearer.push(format!(
                    "{} ({}) is nobody of the roster",
                    identity.names.join(", "),
                    identity.part
                ));
            }
        }
        for person in found {
            excluded.entry(person).or_insert_with(|| format!("is {}", identity.part));
        }
    }
    let mut quorum = Quorum {
        needed: parties.required.saturating_add(u32::try_from(dearer.len()).unwrap_or(u32::MAX)),
        dearer,
        ..Quorum::default()
    };
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for voice in voices {
        if voice.rejects {
            if !quorum.vetoes.contains(&voice.person) {
                quorum.vetoes.push(voice.person.clone());
            }
            continue;
        }
        let mut out = |why: String| quorum.not_counted.push((voice.number, why));
        if !seen.insert(&voice.person) {
            out("has signed already: one person counts once, with whatever keys".to_owned());
        } else if let Some(why) = excluded.get(voice.person.as_str()) {
            out(why.clone());
        } else {
            quorum.counted.push(voice.person.clone());
            quorum.numbers.push(voice.number);
        }
    }
    let in_group = |person: &String, group: &String| {
        people.iter().any(|one| one.name == *person && one.groups.contains(group))
    };
    let missing = |group: &&String| !quorum.counted.iter().any(|person| in_group(person, group));
    quorum.groups_missing = parties.groups.iter().filter(missing).cloned().collect();
    quorum
}
