//! Access in Azure, case by case: what is granted, what is asked, what the answer must be.

mod aws_properties;
mod conditions;
mod denies;
mod google;
mod google_properties;
mod groups;
mod kubernetes;
mod patterns;
mod properties;
mod roles;
mod scopes;
mod told;
mod whole;

use super::{Cloud, KnownDeny, KnownGrant, KnownMembership, KnownRole, Routes, World};
use crate::model::{Alias, Coverage, Deny, Grant, Permission, Side};
use std::sync::Arc;

/// The answer to a question about access, with a part of its witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A route surely covers; a part of why.
    Covered(&'static str),
    /// Nothing does, surely or perhaps; how many grants were looked at.
    Lost(usize),
    /// Something may; a part of why that cannot be told.
    Unknown(&'static str),
}

/// One row of a table: name, source, what is there, action, scope, answer. The one who asks is `sp`.
pub type Row = (&'static str, &'static str, Builder, &'static str, &'static str, Answer);

/// Judges every row, and tells of all that are wrong at once.
pub fn judge(rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for (name, source, builder, action, scope, expected) in rows {
        let routes = builder.world().can(Cloud::Azure, &who("sp"), action, scope);
        if let Err(got) = fits(&routes, expected) {
            wrong.push(format!("{name} ({source}): wanted {expected:?}, got {got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the routes come to the answer; else what they come to. Denies are there, so a route that needs one to be
/// absent does not hold.
pub fn fits(routes: &Routes, expected: Answer) -> Result<(), String> {
    let open = || routes.routes.iter().filter(|route| route.absent.is_empty());
    let sure = open().find(|route| route.coverage == Coverage::Sure);
    let doubt = open().find_map(|route| match &route.coverage {
        Coverage::Unknown(unknown) => Some(unknown.reason.clone()),
        Coverage::Sure => None,
    });
    let good = match (expected, sure, &doubt) {
        (Answer::Covered(_), Some(_), _) => open()
            .filter(|route| route.coverage == Coverage::Sure)
            .any(|route| matches!(expected, Answer::Covered(part) if route.why.contains(part))),
        (Answer::Unknown(part), None, Some(reason)) => reason.contains(part),
        (Answer::Lost(looked), None, None) => looked == routes.grants,
        _ => false,
    };
    if good { Ok(()) } else { Err(format!("sure {sure:?}, doubt {doubt:?}, {} grants", routes.grants)) }
}

/// A principal by a short name.
pub fn who(name: &str) -> Alias {
    Alias::new("principal", name)
}

/// A small world, said in a few words. What follows a grant, role or deny and is no new one belongs to it.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    grants: Vec<(Alias, KnownGrant)>,
    roles: Vec<(String, KnownRole)>,
    denies: Vec<Deny>,
    members: Vec<(Alias, Alias)>,
    listed: Vec<Alias>,
    deny_groups: Vec<Alias>,
}

pub fn world() -> Builder {
    Builder::default()
}

fn list(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

impl Builder {
    /// An assignment of a role, by id, to a service principal.
    pub fn grant(mut self, to: &str, role: &str, scope: &str) -> Builder {
        let grant = Grant {
            cloud: "azure".to_owned(),
            principal: Some(who(to)),
            principal_type: Some("ServicePrincipal".to_owned()),
            role_id: Some(format!(
                "/subscriptions/s1/providers/Microsoft.Authorization/roleDefinitions/{role}"
            )),
            role_name: None,
            scope: Some(scope.to_owned()),
            condition: None,
            allows: None,
            by_resource: false,
            ends: false,
        };
        let key = self.grants.len();
        self.grants.push((who(to), KnownGrant { key, grant: grant.into(), listed_for: Vec::new() }));
        self
    }

    /// Changes the grant said last.
    pub fn with(mut self, change: impl FnOnce(&mut KnownGrant)) -> Builder {
        change(&mut self.grants.last_mut().unwrap().1);
        self
    }

    /// The grant said last is a group's.
    pub fn of_group(self) -> Builder {
        self.with(|known| Arc::make_mut(&mut known.grant).principal_type = Some("Group".to_owned()))
    }

    /// The grant said last counts only under a condition.
    pub fn under(self, condition: &str) -> Builder {
        let condition = condition.to_owned();
        self.with(|known| Arc::make_mut(&mut known.grant).condition = Some(condition))
    }

    /// A role by its id, with one block.
    pub fn role(
        mut self,
        id: &str,
        actions: &[&str],
        not: &[&str],
        data: &[&str],
        not_data: &[&str],
    ) -> Builder {
        let block = Permission {
            actions: list(actions),
            not_actions: list(not),
            data_actions: list(data),
            not_data_actions: list(not_data),
            ..Permission::default()
        };
        let role = KnownRole {
            key: 900,
            cloud: Some(Cloud::Azure),
            side: Side::Both,
            change: None,
            permissions: Some([block].into()),
        };
        self.roles.push((id.to_owned(), role));
        self
    }

    /// A role that only allows control actions.
    pub fn plain(self, id: &str, actions: &[&str]) -> Builder {
        self.role(id, actions, &[], &[], &[])
    }

    /// Changes the role said last.
    pub fn role_with(mut self, change: impl FnOnce(&mut KnownRole)) -> Builder {
        change(&mut self.roles.last_mut().unwrap().1);
        self
    }

    /// A further block of the role said last, perhaps under a condition.
    pub fn block(self, actions: &[&str], not: &[&str], condition: Option<&str>) -> Builder {
        let block = Permission {
            actions: list(actions),
            not_actions: list(not),
            condition: condition.map(str::to_owned),
            ..Permission::default()
        };
        self.role_with(|role| {
            let known = role.permissions.take().unwrap();
            role.permissions = Some(known.iter().cloned().chain([block]).collect());
        })
    }

    /// A deny of control actions; to `everyone` by that name.
    pub fn deny(mut self, to: &str, actions: &[&str], scope: &str) -> Builder {
        self.denies.push(Deny {
            cloud: "azure".to_owned(),
            principals: if to == "everyone" { Vec::new() } else { vec![who(to)] },
            everyone: to == "everyone",
            except: Vec::new(),
            scope: Some(scope.to_owned()),
            this_scope_only: false,
            permissions: vec![Permission { actions: list(actions), ..Permission::default() }],
            condition: None,
        });
        self
    }

    /// Changes the deny said last.
    pub fn deny_with(mut self, change: impl FnOnce(&mut Deny)) -> Builder {
        change(self.denies.last_mut().unwrap());
        self
    }

    /// One of whom denies speak may be a group.
    pub fn deny_group(mut self, name: &str) -> Builder {
        self.deny_groups.push(who(name));
        self
    }

    /// Somebody is in a group.
    pub fn member(mut self, group: &str, member: &str) -> Builder {
        self.members.push((who(group), who(member)));
        self
    }

    /// All members of the group are listed.
    pub fn listed(mut self, group: &str) -> Builder {
        self.listed.push(who(group));
        self
    }

    /// The world.
    pub fn world(&self) -> World {
        let mut world = World { groups_listed: self.listed.iter().cloned().collect(), ..World::default() };
        for (holder, known) in &self.grants {
            world.grants.entry(holder.clone()).or_default().push(known.clone());
            match known.grant.principal_type.as_deref() {
                Some("Group") | None => world.groups.insert(holder.clone()),
                Some("?") => world.unknown_principals.insert(holder.clone()),
                Some(_) => false,
            };
        }
        for (id, role) in &self.roles {
            world.roles_by_id.entry(id.to_lowercase()).or_default().push(role.clone());
        }
        for (number, deny) in self.denies.iter().enumerate() {
            let groups = self.deny_groups.clone();
            world.denies.push(KnownDeny { key: 500 + number, deny: deny.clone(), groups });
        }
        for (number, (group, member)) in self.members.iter().enumerate() {
            let (group, member) = (group.clone(), member.clone());
            world.memberships.push(KnownMembership { key: 700 + number, group, member });
        }
        world.sort_strangers();
        world
    }

    /// The grant with this number, to ask what may stand in for it.
    pub fn granted(&self, number: usize) -> KnownGrant {
        self.grants[number].1.clone()
    }
}
