//! Where resources lie: what is above a resource, and how the resource of a grant stands to the one that is asked for.
//!
//! Source: "Resource hierarchy"; Cloud Asset Inventory reference, `Asset.ancestors`, full resource names.

use crate::access::cloud::Shown;
use crate::access::held::is_symbol;
use crate::access::{When, World};
use std::collections::{BTreeMap, BTreeSet};

/// How a grant's resource stands to the one that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// They are the same.
    Exact,
    /// The grant's is above the one asked for.
    Inherited(When),
    /// Whether it is above cannot be told, and why.
    Perhaps(String),
}

impl Reach {
    /// In which versions of the world it stands so.
    pub(super) fn when(&self) -> When {
        match self {
            Reach::Inherited(when) => *when,
            Reach::Exact | Reach::Perhaps(_) => When::ALWAYS,
        }
    }
}

/// What begins the name of a resource of which only some attributes are read: `//?/KIND/key=value/key=value`.
const UNREAD: &str = "//?/";

/// Whether it is not read on what something is granted: the name is not a full one.
pub fn is_unread(scope: Option<&str>) -> bool {
    scope.is_none_or(|scope| scope.starts_with(UNREAD) || scope.contains("known after apply"))
}

/// Whether what is not read may be the resource of this full name: all that is told of it stands in the name. Of projects
/// that is not asked, as a name may have their number.
pub fn may_be_one(unread: Option<&str>, resource: &str) -> bool {
    let Some(told) = unread.and_then(|scope| scope.strip_prefix(UNREAD)) else { return true };
    if told.contains("known after apply") || is_unread(Some(resource)) {
        return true;
    }
    let (told, resource) = (told.to_lowercase(), full_name(resource));
    let parts: BTreeSet<&str> = resource.split('/').collect();
    let mut told = told.split('/').skip(1).filter(|part| !part.starts_with("project="));
    told.all(|part| {
        let value = part.split_once('=').map_or(part, |(_, value)| value);
        // What goes by a number may go by a name, too.
        let number = value.bytes().all(|byte| byte.is_ascii_digit());
        number || parts.contains(value)
    })
}

const MANAGER: &str = "//cloudresourcemanager.googleapis.com/";

/// Whether a scope is spelled as a resource of Google Cloud.
pub(in crate::access) fn is_resource(scope: &str) -> bool {
    let short = ["projects/", "folders/", "organizations/"];
    scope.starts_with("//") || short.iter().any(|kind| scope.starts_with(kind)) || is_symbol(scope)
}

/// `projects/ID`, `folders/N` and `organizations/N` by their full names, lower case; others as they are.
pub fn full_name(resource: &str) -> String {
    let mut plain = resource.trim_end_matches('/').to_lowercase();
    // Deny policies name what they are attached to in the spelling of URLs.
    if plain.contains(".googleapis.com%2f") {
        plain = plain.replace("%2f", "/");
    }
    let short = ["projects/", "folders/", "organizations/"].iter().any(|kind| plain.starts_with(kind));
    match short && plain.matches('/').count() == 1 {
        true => format!("{MANAGER}{plain}"),
        false => plain,
    }
}

/// What is known to be above a resource, and whether that is all.
struct Above {
    known: BTreeMap<String, When>,
    all: bool,
}

fn above(world: &World, resource: &str) -> Above {
    let mut above = Above { known: BTreeMap::new(), all: false };
    let mut open = vec![(resource.to_owned(), When::ALWAYS)];
    while let Some((place, when)) = open.pop() {
        // There is nothing above an organization.
        above.all |= place.strip_prefix(MANAGER).is_some_and(|rest| rest.starts_with("organizations/"));
        let told = world.outers(&place).map(|(outer, when)| (outer.to_owned(), when));
        // Most names say which project they are in, though some by its number.
        let named = project_in(&place).filter(|project| *project != place);
        for (outer, own) in told.chain(named.map(|project| (project, When::ALWAYS))) {
            let Some(when) = when.and(own) else { continue };
            let known = above.known.get(&outer).copied();
            let joined = known.map_or(when, |known| known.or(when));
            if known != Some(joined) {
                above.known.insert(outer.clone(), joined);
                open.push((outer, joined));
            }
        }
    }
    above
}

/// The project in a resource's name.
fn project_in(resource: &str) -> Option<String> {
    if let Some(told) = resource.strip_prefix(UNREAD) {
        let mut parts = told.split('/').skip_while(|part| !part.starts_with("project="));
        let id = match parts.next()?.strip_prefix("project=")? {
            "projects" => parts.next()?,
            id => id,
        };
        return Some(format!("{MANAGER}projects/{id}"));
    }
    let (_, rest) = resource.split_once("/projects/")?;
    let id = rest.split('/').next().filter(|id| !matches!(*id, "" | "_" | "-"))?;
    Some(format!("{MANAGER}projects/{id}"))
}

/// Where the grant of somebody who may be several is looked up: the full name of the resource; `None`: it may be above
/// anything, or is not known.
pub(in crate::access) fn place_of_grant(scope: &str) -> Option<String> {
    let place = full_name(scope);
    (!is_unread(Some(scope)) && (!place.starts_with(MANAGER) || is_project(&place))).then_some(place)
}

/// Whether a full name is that of a project.
pub(in crate::access) fn is_project(place: &str) -> bool {
    place.strip_prefix(MANAGER).is_some_and(|rest| rest.starts_with("projects/"))
}

/// A resource on which something is asked, with what is known to be above it.
pub(super) struct Wanted {
    name: String,
    above: Above,
}

impl Wanted {
    pub(super) fn of(world: &World, resource: &str) -> Wanted {
        let name = full_name(resource);
        Wanted { above: above(world, &name), name }
    }

    /// The resource and all that is known to be above it.
    fn places(&self) -> impl Iterator<Item = &String> {
        self.above.known.keys().chain([&self.name])
    }

    /// The same, where nothing below an organization can be above it besides; `None`: that is not known.
    pub(super) fn all_places(&self) -> Option<Vec<&String>> {
        let in_project = self.name.starts_with(MANAGER) || self.places().any(|place| is_project(place));
        (in_project && !self.name.contains("known after apply")).then(|| self.places().collect())
    }

    /// Whether a grant on `scope` counts on it; `None`: it does not.
    pub(super) fn reach(&self, scope: Option<&str>) -> Option<Reach> {
        let Some(scope) = scope else {
            return Some(Reach::Perhaps("on what it is granted is not known".to_owned()));
        };
        if scope.contains("known after apply") {
            return Some(Reach::Perhaps("on what it is granted is known only after apply".to_owned()));
        }
        let scope = full_name(scope);
        let (wanted, above) = (&self.name, &self.above);
        if scope == *wanted {
            return Some(Reach::Exact);
        }
        // Of two that are not read, of different kinds or attributes, no more can be told.
        for (unread, other) in [(&scope, wanted), (wanted, &scope)] {
            if unread.starts_with(UNREAD) && !other.starts_with(MANAGER) {
                let may = !other.starts_with(UNREAD) && may_be_one(Some(unread), other);
                return may.then(|| Reach::Perhaps(format!("whether {unread} is {other} is not read here")));
            }
        }
        if let Some(when) = above.known.get(&scope) {
            return Some(Reach::Inherited(*when));
        }
        if wanted.contains("known after apply") {
            return Some(Reach::Perhaps("the resource that is needed is known only after apply".to_owned()));
        }
        // Only these are above anything.
        let kind = scope.strip_prefix(MANAGER)?.split('/').next()?.to_owned();
        let own_kind = wanted.strip_prefix(MANAGER).and_then(|rest| rest.split('/').next());
        let possible = match (kind.as_str(), own_kind) {
            ("projects", None) => !self.places().any(|place| is_project(place)),
            ("projects", Some(_)) | (_, Some("organizations")) => false,
            _ => !above.all,
        };
        possible.then(|| Reach::Perhaps(format!("whether {wanted} lies in {scope} is not known")))
    }
}

/// See [`crate::access::Cloud::shown_by`]: the policy of the resource and of all that is above it.
pub(in crate::access) fn shown_by(world: &World, scope: &str) -> Vec<Shown> {
    let resource = full_name(scope);
    let above = above(world, &resource);
    // A search within one of these shows it and all below.
    let searched: Vec<String> = above
        .known
        .keys()
        .chain([&resource])
        .filter_map(|place| place.strip_prefix(MANAGER).map(str::to_owned))
        .collect();
    let organization = |place: &&String| place.starts_with("organizations/");
    let top: Vec<String> = searched.iter().filter(organization).cloned().collect();
    let mut shown = Vec::new();
    for place in above.known.keys().chain([&resource]) {
        let mut parts = vec![place.clone()];
        let own = place.strip_prefix(MANAGER);
        match own {
            // What is above an organization or a folder is not searched by a search in something below it.
            Some(own) if !own.starts_with("projects/") => {
                parts.push(own.to_owned());
                parts.extend(top.iter().cloned());
            }
            _ => parts.extend(searched.iter().cloned()),
        }
        parts.dedup();
        shown.push(Shown::new("google:iam-policies", parts));
    }
    if !above.all {
        shown.push(Shown::new("google:iam-policies", vec![format!("whatever is above {resource}")]));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_full_ones() {
        assert_eq!(full_name("projects/P1"), "//cloudresourcemanager.googleapis.com/projects/p1");
        assert_eq!(
            full_name("//dns.googleapis.com/projects/p1/managedZones/z"),
            "//dns.googleapis.com/projects/p1/managedzones/z"
        );
        assert_eq!(project_in("//storage.googleapis.com/projects/_/buckets/b"), None);
    }

    #[test]
    fn what_is_not_read_may_be_what_its_attributes_stand_in() {
        let nightly = "//gkebackup.googleapis.com/projects/p1/locations/l/backupPlans/nightly";
        for (unread, may) in [
            ("//?/gke_backup_backup_plan/location=l/name=nightly/project=p1", true),
            ("//?/gke_backup_backup_plan/location=l/name=projects/p1/locations/l/backupPlans/Nightly", true),
            // A name may have the project's number.
            ("//?/gke_backup_backup_plan/location=l/name=nightly/project=other", true),
            ("//?/gke_backup_backup_plan/name=known after apply: x.y.name", true),
            ("//?/gke_backup_backup_plan/location=l/name=weekly/project=p1", false),
            ("//?/gke_backup_backup_plan/location=m/name=nightly/project=p1", false),
        ] {
            assert_eq!(may_be_one(Some(unread), nightly), may, "{unread}");
            let wanted = Wanted::of(&World::default(), nightly);
            assert_eq!(matches!(wanted.reach(Some(unread)), Some(Reach::Perhaps(_))), may, "{unread}");
            let wanted = Wanted::of(&World::default(), unread);
            assert_eq!(matches!(wanted.reach(Some(nightly)), Some(Reach::Perhaps(_))), may, "{unread}");
        }
        assert!(may_be_one(None, nightly));
        let unread = "//?/gke_backup_backup_plan/location=l/name=nightly/project=p1";
        let wanted = Wanted::of(&World::default(), unread);
        assert_eq!(wanted.reach(Some(unread)), Some(Reach::Exact));
        assert_eq!(wanted.reach(Some("projects/p1")), Some(Reach::Inherited(When::ALWAYS)));
        assert_eq!(wanted.reach(Some("projects/p2")), None);
        assert_eq!(wanted.reach(Some("//?/other_kind/location=l/name=nightly/project=p1")), None);
    }

    #[test]
    fn deny_policies_spell_places_as_urls_do() {
        let spelt = "//cloudresourcemanager.googleapis.com%2Fprojects%2Fp1";
        assert_eq!(full_name(spelt), "//cloudresourcemanager.googleapis.com/projects/p1");
    }

    #[test]
    fn a_project_in_a_name_is_above_it() {
        let world = World::default();
        let zone = Wanted::of(&world, "//dns.googleapis.com/projects/p1/managedzones/z");
        assert_eq!(zone.reach(Some("projects/p1")), Some(Reach::Inherited(When::ALWAYS)));
        assert_eq!(zone.reach(Some("projects/p2")), None);
        assert!(matches!(zone.reach(Some("organizations/1")), Some(Reach::Perhaps(_))));
    }
}
