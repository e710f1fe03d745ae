//! What happens before what while a plan is applied, as far as Terraform promises it.
//!
//! Terraform knows two deeds for an object: to make it (or to change it), and to delete it. What it promises, in its
//! own words in `internal/terraform/transform_destroy_edge.go` and `transform_destroy_cbd.go`:
//!
//! * what is referred to is made first; what refers to it is deleted first;
//! * a replacement deletes first, unless it creates first;
//! * between what rests on something and that: what is deleted goes before the other is changed, unless it is one that
//!   creates first: then after. A plan says which for a replacement, and not for a plain deletion.
//!
//! All else happens in any order.

use crate::model::{Action, Address, Change, ChangeIx, Lookup, Object};
use std::collections::BTreeSet;

/// One thing that an apply does to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// It makes it, or changes it.
    Make(usize),
    /// It deletes it.
    Delete(usize),
}

/// The objects of all plans, and who names whom.
#[derive(Debug)]
pub struct Order<'a> {
    objects: Vec<Planned<'a>>,
    /// The objects of a block.
    of_block: Lookup<String, Vec<usize>>,
    /// Those that rested on a block at their last apply.
    resting: Lookup<&'a str, Vec<usize>>,
    /// Those that refer to a block now.
    referring: Lookup<&'a str, Vec<usize>>,
    of_change: Lookup<ChangeIx, Vec<usize>>,
}

#[derive(Debug)]
struct Planned<'a> {
    object: &'a Object,
    block: String,
    action: &'a Action,
}

impl<'a> Order<'a> {
    /// Lists what plans speak of.
    pub fn new(objects: &'a [Object], changes: &'a [Change]) -> Order<'a> {
        let mut order = Order {
            objects: Vec::new(),
            of_block: Lookup::default(),
            resting: Lookup::default(),
            referring: Lookup::default(),
            of_change: Lookup::default(),
        };
        for object in objects {
            let Some(address) = &object.address else { continue };
            let number = order.objects.len();
            let block = block(address);
            order.of_block.or_insert_with(block.clone(), Vec::new).push(number);
            for name in &object.depends_on {
                order.resting.or_insert_with(name.as_str(), Vec::new).push(number);
            }
            for name in object.configured.iter().flatten() {
                order.referring.or_insert_with(name.as_str(), Vec::new).push(number);
            }
            if let Some(change) = object.change {
                order.of_change.or_insert_with(change, Vec::new).push(number);
            }
            // What no plan changes hands on what it refers to.
            let change = object.change.and_then(|change| changes.get(change.0 as usize));
            let action = change.map_or(&Action::NoOp, |change| &change.action);
            order.objects.push(Planned { object, block, action });
        }
        order
    }

    /// The deed by which a change makes an object, or changes it.
    pub fn making(&self, change: ChangeIx) -> Option<Deed> {
        self.object_of(change, Planned::is_made).map(Deed::Make)
    }

    /// The deed by which a change takes away what an object said.
    pub fn ending(&self, change: ChangeIx) -> Option<Deed> {
        self.object_of(change, Planned::is_deleted)
            .map(Deed::Delete)
            .or_else(|| self.object_of(change, |planned| *planned.action == Action::Update).map(Deed::Make))
    }

    fn object_of(&self, change: ChangeIx, fits: impl Fn(&Planned<'a>) -> bool) -> Option<usize> {
        let mut numbers = self.of_change.get(&change)?.iter().copied();
        numbers.find(|number| self.objects.get(*number).is_some_and(&fits))
    }

    /// Whether the one surely happens before the other.
    pub fn is_before(&self, one: Deed, other: Deed) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = self.earlier(other);
        while let Some(deed) = open.pop() {
            if deed == one {
                return true;
            }
            if seen.insert(deed) {
                open.extend(self.earlier(deed));
            }
        }
        false
    }

    /// What is promised to happen before a deed, one step back.
    fn earlier(&self, deed: Deed) -> Vec<Deed> {
        let (Deed::Make(number) | Deed::Delete(number)) = deed;
        let Some(own) = self.objects.get(number) else { return Vec::new() };
        let mut found = Vec::new();
        let resting = self.others(own, self.resting.get(own.block.as_str()));
        if matches!(deed, Deed::Delete(_)) {
            for (user, planned) in resting {
                if planned.is_deleted() {
                    found.push(Deed::Delete(user));
                }
                if planned.is_made() && *own.action == Action::CreateDelete {
                    found.push(Deed::Make(user));
                }
            }
            if *own.action == Action::CreateDelete {
                found.push(Deed::Make(number));
                let referring = self.others(own, self.referring.get(own.block.as_str()));
                found.extend(
                    referring.filter(|(_, planned)| planned.is_made()).map(|(user, _)| Deed::Make(user)),
                );
            }
            return found;
        }
        let delete_first = |(_, planned): &(usize, &Planned<'a>)| *planned.action == Action::DeleteCreate;
        if *own.action == Action::DeleteCreate {
            found.push(Deed::Delete(number));
        }
        found.extend(resting.filter(delete_first).map(|(user, _)| Deed::Delete(user)));
        for name in &own.object.depends_on {
            let rested_on = self.others(own, self.of_block.get(name.as_str()));
            found.extend(rested_on.filter(delete_first).map(|(target, _)| Deed::Delete(target)));
        }
        for name in own.object.configured.iter().flatten() {
            let referred = self.others(own, self.of_block.get(name.as_str()));
            let made = referred.filter(|(_, planned)| planned.is_made() || *planned.action == Action::NoOp);
            found.extend(made.map(|(target, _)| Deed::Make(target)));
        }
        found
    }

    /// These objects without those that Terraform does not order against this one.
    fn others<'s>(
        &'s self,
        own: &'s Planned<'a>,
        numbers: Option<&'s Vec<usize>>,
    ) -> impl Iterator<Item = (usize, &'s Planned<'a>)> {
        let numbers = numbers.into_iter().flatten();
        let planned = numbers.filter_map(|number| Some((*number, self.objects.get(*number)?)));
        planned.filter(|(_, other)| !own.in_another_instance(other))
    }
}

impl Planned<'_> {
    fn is_made(&self) -> bool {
        matches!(
            self.action,
            Action::Create
                | Action::Update
                | Action::DeleteCreate
                | Action::CreateDelete
                | Action::ForgetCreate
        ) && self.object.after.is_some()
    }

    fn is_deleted(&self) -> bool {
        matches!(self.action, Action::Delete | Action::DeleteCreate | Action::CreateDelete)
    }

    /// Terraform orders nothing between different instances of one module.
    fn in_another_instance(&self, other: &Planned<'_>) -> bool {
        let (Some(own), Some(theirs)) = (&self.object.address, &other.object.address) else { return false };
        let (own, theirs) = (steps(own), steps(theirs));
        let differing = own.iter().zip(&theirs).find(|(one, other)| one != other);
        differing.is_some_and(|(one, other)| without_key(one) == without_key(other))
    }
}

/// The address of the block: without keys of modules and of the resource itself, and without what is said of deposed
/// objects behind it.
fn block(address: &Address) -> String {
    let steps = steps(address);
    let names: Vec<&str> = steps.iter().map(|step| without_key(step)).collect();
    names.join(".")
}

/// The steps of an address, each with its key: keys may hold dots and quotes.
fn steps(address: &Address) -> Vec<&str> {
    let text = address.as_str().split(" (deposed ").next().unwrap_or_default();
    let (mut found, mut start, mut quoted, mut escaped, mut depth) = (Vec::new(), 0, false, false, 0usize);
    for (index, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                found.extend(text.get(start..index));
                start = index + 1;
            }
            _ => {}
        }
    }
    found.extend(text.get(start..));
    found
}

fn without_key(step: &str) -> &str {
    step.find('[').and_then(|end| step.get(..end)).unwrap_or(step)
}
