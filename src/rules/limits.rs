//! The limits by which a credential ends, level by level: which counts, and why what was set does not help.

use crate::estate::{Bounded, End, Estate, Leased, Level, SERVER_DEFAULT, hours};
use crate::model::{Alias, Issue, Lease, Limit, Limited, NodeIx};
use crate::verdict::LimitLine;

/// Limits of other things that are named, at most.
const OTHERS: usize = 3;

/// The lines of a credential as it is after the plan, or as it is where there is none.
pub fn lines(estate: &Estate, node: NodeIx, leased: &Leased, after: bool) -> Vec<LimitLine> {
    let (now, was) = match after {
        true => (&leased.after, &leased.before),
        false => (&leased.before, &None),
    };
    let Some(now) = now else { return Vec::new() };
    let mut lines = Lines { estate, leased, now, was: was.as_ref(), all: Vec::new() };
    lines.of_token();
    lines.of_role(&siblings(estate, node, leased, after));
    lines.of_mount();
    lines.of_server();
    lines.of_others();
    lines.all
}

/// What keeps the credential from its end, in the words of a sentence.
pub fn in_a_sentence(leased: &Leased, after: bool) -> Option<String> {
    let now = if after { leased.after.as_ref() } else { leased.before.as_ref() }?;
    let life = hours(now.seconds()?);
    let by = match now.life.end {
        End::After(_, Level::Server) => "the server's default maximum",
        End::After(_, Level::Mount) => "the mount's maximum",
        End::After(_, Level::Role) => "the role's maximum",
        End::After(_, Level::Token) => "the maximum that it was issued with",
        End::Unknown(_) => "a maximum, if it has no period",
        End::Renewed(_) => return None,
    };
    Some(format!("{life} from its issue, by {by}"))
}

/// What is set in roles like this one, and how many they are: on the same mount, issuing in the same way.
struct Siblings {
    all: usize,
    period: usize,
    explicit: usize,
}

fn siblings(estate: &Estate, node: NodeIx, leased: &Leased, after: bool) -> Siblings {
    let mut found = Siblings { all: 0, period: 0, explicit: 0 };
    // Of a token that is there, the siblings are those of its role.
    let own = leased.role;
    for (index, other) in &estate.leases {
        let like = other.issue.is_some_and(|issue| issue != Issue::Fetched)
            && other.mount_name == leased.mount_name
            && *index != node
            && other.role != own;
        let Some(bounded) = (if after { &other.after } else { &other.before }).as_ref().filter(|_| like)
        else {
            continue;
        };
        let Some(limits) = bounded.role.as_ref().map(|role| &role.limits) else { continue };
        found.all += 1;
        found.period += usize::from(limits.period.limit != Limit::Unset);
        found.explicit += usize::from(limits.explicit.limit != Limit::Unset);
    }
    found
}

struct Lines<'a> {
    estate: &'a Estate,
    leased: &'a Leased,
    now: &'a Bounded,
    was: Option<&'a Bounded>,
    all: Vec<LimitLine>,
}

impl Lines<'_> {
    fn put(&mut self, level: &str, limited: &Limited, wins: bool, why: Option<String>) {
        let value = match limited.limit {
            Limit::Seconds(seconds) => Some(hours(seconds)),
            Limit::Unknown => Some("not known".to_owned()),
            Limit::Unset => None,
        };
        self.all.push(LimitLine {
            level: level.to_owned(),
            setting: limited.key.to_string(),
            value,
            wins,
            why,
        });
    }

    fn wins(&self, level: Level, limited: &Limited) -> bool {
        matches!(self.now.life.end, End::After(seconds, by) if by == level && limited.limit == Limit::Seconds(seconds))
    }

    fn of_token(&mut self) {
        let Some(token) = &self.now.token else { return };
        for limited in [&token.limits.period, &token.limits.explicit] {
            if limited.limit != Limit::Unset {
                let wins = self.wins(Level::Token, limited);
                self.put("token", limited, wins, None);
            }
        }
    }

    fn of_role(&mut self, siblings: &Siblings) {
        let Some(role) = &self.now.role else { return };
        let name = self.name(self.leased.role);
        let before = self.was.and_then(|was| was.role.as_ref()).map(|lease| &lease.limits);
        let limits = &role.limits;
        for (limited, old, set) in [
            (&limits.period, before.map(|limits| &limits.period), siblings.period),
            (&limits.explicit, before.map(|limits| &limits.explicit), siblings.explicit),
        ] {
            let wins = self.wins(Level::Role, limited);
            let dropped = old.and_then(|old| old.limit.seconds()).filter(|_| limited.limit == Limit::Unset);
            let mut why = Vec::new();
            if let Some(seconds) = dropped {
                why.push(format!("this plan drops it; it was {}", hours(seconds)));
            }
            if limited.limit == Limit::Unset && set > 0 {
                let (all, verb) = (siblings.all, if set == 1 { "sets" } else { "set" });
                why.push(format!("{set} of {all} other roles there {verb} it, and this one does not"));
            }
            let is_period = std::ptr::eq(limited, &limits.period);
            if let (true, Limit::Seconds(_), End::After(..)) = (is_period, limited.limit, self.now.life.end) {
                why.push(match role.fixed {
                    true => "of no use to what cannot be renewed".to_owned(),
                    false => "renewed so often, and no longer than its explicit maximum".to_owned(),
                });
            }
            let longer = limited.limit.seconds().zip(self.now.seconds()).is_some_and(|(own, end)| own > end);
            if !is_period && longer {
                why.push("longer than what ends it before".to_owned());
            }
            if is_period || limited.limit != Limit::Unset || !why.is_empty() {
                self.put(&name, limited, wins, (!why.is_empty()).then(|| why.join("; ")));
            }
        }
        for limited in &role.no_effect {
            self.put(&name, limited, false, Some("a role of this kind takes no such limit".to_owned()));
        }
        self.plain(&name, Level::Role, &limits.ttl, &limits.max, role.fixed);
    }

    fn of_mount(&mut self) {
        let name = self
            .leased
            .mount_name
            .as_ref()
            .map_or_else(|| "mount".to_owned(), |name| name.value().to_owned());
        match &self.now.mount {
            Some(mount) => {
                self.plain(&name, Level::Mount, &mount.limits.ttl, &mount.limits.max, false);
                if mount.limits.max.limit == Limit::Unset {
                    self.put(&name, &mount.limits.max, false, None);
                }
            }
            None => {
                let key = Limited { key: "max_lease_ttl".into(), limit: Limit::Unset };
                let command = format!("no source tells it: `vault read -format=json sys/{name}/tune` would");
                self.put(&name, &key, false, Some(command));
            }
        }
    }

    /// A first lifetime and a maximum.
    fn plain(&mut self, name: &str, level: Level, ttl: &Limited, max: &Limited, fixed: bool) {
        if ttl.limit != Limit::Unset {
            let wins = self.wins(level, ttl) && fixed;
            let why =
                (!wins).then(|| "how long it lasts until it is renewed, and not how long in all".to_owned());
            self.put(name, ttl, wins, why);
        }
        if max.limit != Limit::Unset {
            let wins = self.wins(level, max);
            let more = max.limit.seconds().zip(self.now.seconds()).is_some_and(|(own, end)| own > end);
            let why = more.then(|| "more than what ends it before, and cut to that".to_owned());
            self.put(name, max, wins, why);
        }
    }

    fn of_server(&mut self) {
        let wins = matches!(self.now.life.end, End::After(_, Level::Server));
        let told = self.now.server.as_ref().and_then(|server| server.max.limit.seconds());
        if !wins && told.is_none() {
            return;
        }
        let limit = Limit::Seconds(told.unwrap_or(SERVER_DEFAULT));
        let key = Limited { key: "max_lease_ttl".into(), limit };
        let why = match told {
            None => "Vault's default; whether the server's own configuration says otherwise is in no source",
            Some(SERVER_DEFAULT) => "Vault's default of 32 days, where nothing else is set",
            Some(_) => "what this server allows where nothing else is set",
        };
        self.put("server", &key, wins, Some(why.to_owned()));
    }

    /// What was set longer elsewhere, for what is fetched with the token, and ends with it.
    fn of_others(&mut self) {
        let Some(end) = self.now.seconds() else { return };
        let mut found: Vec<(bool, String, Limited)> = Vec::new();
        for other in self.estate.leases.values().filter(|other| other.issue == Some(Issue::Fetched)) {
            let Some(bounded) = &other.after else { continue };
            let mine =
                [(self.name(other.role), &bounded.role), (alias(other.mount_name.as_ref()), &bounded.mount)];
            for (name, lease) in mine {
                let limits = lease.iter().flat_map(longer(end));
                found.extend(limits.map(|limited| (other.changes.is_empty(), name.clone(), limited)));
            }
        }
        found.sort_by(|one, other| (one.0, &one.1, &one.2.key).cmp(&(other.0, &other.1, &other.2.key)));
        found.dedup();
        for (_, name, limited) in found.into_iter().take(OTHERS) {
            let why = "of what is fetched with the token, which ends with it";
            self.put(&name, &limited, false, Some(why.to_owned()));
        }
    }

    fn name(&self, node: Option<NodeIx>) -> String {
        let node = node.and_then(|node| self.estate.node(node));
        let known = node.and_then(|node| node.aliases.iter().find(|alias| alias.space() == "vault"));
        known.map_or_else(
            || node.map_or_else(|| "role".to_owned(), |node| node.name.clone()),
            |name| name.value().to_owned(),
        )
    }
}

fn alias(name: Option<&Alias>) -> String {
    name.map_or_else(|| "mount".to_owned(), |name| name.value().to_owned())
}

/// Limits of a lease that are longer than this.
fn longer(end: i64) -> impl Fn(&Lease) -> Vec<Limited> {
    move |lease| {
        let all = [&lease.limits.ttl, &lease.limits.max];
        all.into_iter().filter(|own| own.limit.seconds().is_some_and(|own| own > end)).cloned().collect()
    }
}
