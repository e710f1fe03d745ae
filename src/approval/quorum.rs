//! Whether enough people have signed: distinct, none of them a party, from every group that must be among them.

use crate::model::Person;
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
    /// Which of the approvals that were given it is.
    pub number: usize,
    /// Whether it is a veto.
    pub rejects: bool,
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];

    fn people() -> Vec<Person> {
        let person = |name: &&str| Person {
            name: (*name).to_owned(),
            principals: vec![format!("{name}@example.com")],
            known_as: vec![format!("{name}-gh")],
            groups: if *name < "carol" { vec!["owners".to_owned()] } else { Vec::new() },
            line: 1,
        };
        NAMES.iter().map(person).collect()
    }

    fn voice(number: usize, person: &str, rejects: bool) -> Voice {
        Voice { person: person.to_owned(), number, rejects }
    }

    fn identity(part: &str, names: &[&str]) -> Identity {
        Identity { part: part.to_owned(), names: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    fn weighed(parties: &Parties, persons: &[&str]) -> Quorum {
        let voices: Vec<Voice> =
            persons.iter().enumerate().map(|(number, person)| voice(number, person, false)).collect();
        weigh(parties, &voices, &people())
    }

    #[test]
    fn two_distinct_others() {
        let parties = Parties { required: 2, requesters: vec!["erin".to_owned()], ..Parties::default() };
        assert!(weighed(&parties, &["alice", "bob"]).is_met());
        for few in [&[][..], &["alice"], &["alice", "alice"], &["alice", "erin"], &["erin", "erin"]] {
            assert!(!weighed(&parties, few).is_met(), "{few:?}");
        }
    }

    #[test]
    fn who_wrote_it_does_not_count_by_whatever_name() {
        for names in [["Alice", "alice@example.com"], ["x", " ALICE-GH "], ["alice", "other@example.com"]] {
            let identities = vec![identity("an author of the change", &names)];
            let parties = Parties { required: 2, identities, ..Parties::default() };
            let quorum = weighed(&parties, &["alice", "bob"]);
            assert_eq!((quorum.needed, quorum.missing()), (2, 1), "{names:?}");
            assert!(weighed(&parties, &["carol", "bob"]).is_met());
        }
    }

    #[test]
    fn somebody_unknown_costs_one_more_each() {
        let stranger = |name: &str| identity("an author of the change", &[name, "who@elsewhere.example"]);
        let identities = vec![stranger("Who"), stranger("who"), stranger("Somebody")];
        let parties = Parties { required: 2, identities, ..Parties::default() };
        let quorum = weighed(&parties, &["alice", "bob", "carol"]);
        assert_eq!((quorum.needed, quorum.missing()), (4, 1));
        assert!(weighed(&parties, &["alice", "bob", "carol", "dave"]).is_met());
        // A look-alike is a stranger, and no way to keep the one it looks like from signing.
        let identities =
            vec![identity("an author of the change", &["\u{430}lice", "\u{430}lice@example.com"])];
        let parties = Parties { required: 2, identities, ..Parties::default() };
        assert_eq!(weighed(&parties, &["alice", "bob"]).missing(), 1);
    }

    #[test]
    fn groups_and_vetoes() {
        let parties = Parties { required: 2, groups: vec!["owners".to_owned()], ..Parties::default() };
        assert!(weighed(&parties, &["alice", "dave"]).is_met());
        let without = weighed(&parties, &["carol", "dave"]);
        assert!(!without.is_met() && without.missing() == 0 && without.groups_missing == ["owners"]);
        let voices = [voice(0, "alice", false), voice(1, "bob", false), voice(2, "erin", true)];
        let vetoed = weigh(&parties, &voices, &people());
        assert!(!vetoed.is_met() && vetoed.vetoes == ["erin"]);
    }

    proptest! {
        /// Against sets of people, counted plainly.
        #[test]
        fn it_is_met_by_enough_of_the_right_people(
            required in 1_u32..4,
            signed in proptest::collection::vec((0_usize..5, proptest::bool::weighted(0.1)), 0..7),
            requester in 0_usize..5,
            authors in proptest::collection::vec(0_usize..7, 0..3),
            group in any::<bool>(),
        ) {
            let name = |number: usize| NAMES.get(number).copied().unwrap_or(if number == 5 { "x" } else { "y" });
            let identities = authors.iter().map(|number| identity("an author of the change", &[name(*number)]));
            let parties = Parties {
                required,
                groups: if group { vec!["owners".to_owned()] } else { Vec::new() },
                requesters: vec![name(requester).to_owned()],
                identities: identities.collect(),
                dearer: Vec::new(),
            };
            let voices: Vec<Voice> = signed.iter().enumerate().map(|(at, (who, no))| voice(at, name(*who), *no)).collect();
            let strangers = authors.iter().filter(|number| **number >= 5).collect::<BTreeSet<_>>().len();
            let able: BTreeSet<usize> = signed
                .iter()
                .filter(|(who, no)| !no && *who != requester && !authors.contains(who))
                .map(|(who, _)| *who)
                .collect();
            let met = able.len() >= required as usize + strangers
                && !signed.iter().any(|(_, no)| *no)
                && (!group || able.iter().any(|who| *who < 2));
            prop_assert_eq!(weigh(&parties, &voices, &people()).is_met(), met);
        }
    }
}
