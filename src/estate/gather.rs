//! Roles that are made of others: what they allow follows from who is selected, and not from what a listing says of them.
//!
//! The controller of Kubernetes writes the rules of all cluster roles that its selectors select into a cluster role with
//! an aggregation rule, and whatever stood there is gone (Kubernetes, "Aggregated ClusterRoles"). So deleting a role, or
//! its label, takes its rules from others that no plan names.

use super::build::Builder;
use crate::access::{Gathered, KnownRole, Through};
use crate::model::{Gathers, Role};
use std::collections::{BTreeMap, VecDeque};

/// What is said of each role that counts, by id.
pub(super) type Told<'f> = BTreeMap<String, Vec<(KnownRole, &'f Role)>>;

/// So many ways from one role to others are looked at; in a cluster there are some dozen.
const MANY: usize = 4096;

/// A way from a role to those that it gathers by way of others.
struct Walk<'t> {
    through: Vec<Through>,
    /// Ids of all on the way: who gathers itself gains nothing.
    met: Vec<&'t str>,
    gathers: &'t Gathers,
    doubt: Option<String>,
}

impl Builder<'_> {
    /// Notes what each role gathers.
    pub fn gather(&mut self, told: &Told<'_>) {
        for (id, versions) in told {
            for (known, role) in versions {
                let Some(gathers) = &role.gathers else { continue };
                let start = Walk { through: Vec::new(), met: vec![id], gathers, doubt: None };
                let found = from(start, known, told);
                self.world.gathered.entry(id.clone()).or_default().extend(found);
            }
        }
    }
}

/// All that one version of a role gathers.
fn from<'t>(start: Walk<'t>, version: &KnownRole, told: &'t Told<'_>) -> Vec<Gathered> {
    let part = |walk: &Walk<'_>, permissions| Gathered {
        side: version.side,
        change: version.change,
        through: walk.through.clone(),
        permissions,
        doubt: walk.doubt.clone(),
    };
    let mut found = Vec::new();
    let mut open = VecDeque::from([start]);
    let mut walked = 0;
    while let Some(walk) = open.pop_front() {
        if walk.gathers.open {
            found.push(part(&walk, None));
        }
        for (id, versions) in told.iter().filter(|(id, _)| !walk.met.contains(&id.as_str())) {
            for (known, role) in versions.iter().filter(|(known, _)| known.cloud == version.cloud) {
                let selected = role.labels.as_ref().map(|labels| walk.gathers.selects(labels));
                let doubt = match selected {
                    None | Some(Some(false)) => continue,
                    Some(Some(true)) => walk.doubt.clone(),
                    Some(None) => Some("whether its role gathers another cannot be told".to_owned()),
                };
                walked += 1;
                let name = role.id.clone().unwrap_or_default();
                let step = Through { role: known.key, id: name, side: known.side, change: known.change };
                let through = walk.through.iter().cloned().chain([step]).collect();
                let met = walk.met.iter().copied().chain([id.as_str()]).collect();
                let next = |gathers| Walk { through, met, gathers, doubt };
                match &role.gathers {
                    Some(gathers) if walked <= MANY => open.push_back(next(gathers)),
                    // What is in there nobody has looked at.
                    Some(gathers) => found.push(part(&next(gathers), None)),
                    None => found.push(part(&next(walk.gathers), known.permissions.clone())),
                }
            }
        }
        if walked > MANY {
            open.clear();
            found.push(Gathered { through: Vec::new(), ..part(&walk, None) });
        }
    }
    found
}
