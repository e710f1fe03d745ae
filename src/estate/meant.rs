//! Which nodes a declaration means: by pattern, or by any one name.

use super::build::Builder;
use super::lookup::{LookupError, find};
use super::{Estate, Unmatched};
use crate::model::{Class, Glob, Node, NodeIx};

impl Builder<'_> {
    /// The nodes that fit any of the patterns, in order; a pattern that nothing fits is told.
    pub fn fitting_any(&mut self, globs: &[Glob], place: &str, line: usize) -> Vec<NodeIx> {
        let mut all: Vec<NodeIx> = Vec::new();
        for glob in globs {
            let fitting = self.fitting(glob);
            if fitting.is_empty() {
                self.unmatched(place, glob.as_str(), line, Vec::new());
            }
            all.extend(fitting);
        }
        all.sort();
        all.dedup();
        all
    }

    fn fitting(&self, glob: &Glob) -> Vec<NodeIx> {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !node.claims.is_empty() && node.class != Class::Unseen && fits(node, glob))
            .map(|(index, _)| NodeIx::number(index))
            .collect()
    }

    /// The node that a declaration means by a name; tells what is wrong if there is not just one.
    pub fn meant(&mut self, written: &str, place: &str, line: usize) -> Option<NodeIx> {
        let view = Estate { nodes: std::mem::take(&mut self.nodes), ..Estate::default() };
        let found = find(&view, written);
        self.nodes = view.nodes;
        match found {
            Ok(node) => Some(node),
            Err(LookupError::Unknown { near, .. }) => {
                self.unmatched(place, written, line, near);
                None
            }
            Err(LookupError::Ambiguous { candidates, .. }) => {
                self.unmatched(place, written, line, candidates);
                if let Some(last) = self.unmatched.last_mut() {
                    last.ambiguous = true;
                }
                None
            }
        }
    }

    /// Notes a name that leads to nothing, and what it could have been.
    pub fn unmatched(&mut self, place: &str, written: &str, line: usize, candidates: Vec<String>) {
        self.unmatched.push(Unmatched {
            place: place.to_owned(),
            written: written.to_owned(),
            line,
            candidates,
            ambiguous: false,
            of_workload: false,
        });
    }
}

fn fits(node: &Node, glob: &Glob) -> bool {
    // What an object merely carries is not meant by a pattern for the object.
    if node.aliases.iter().any(|alias| alias.space() == "carried") {
        return glob.as_str().contains(": ") && glob.matches(node.id.as_str());
    }
    // With names of its own it has no address: that is the object's (the system-assigned identity of a host).
    let object = node.address.is_none() || node.aliases.iter().any(|alias| alias.space() == "address");
    (object || glob.as_str().contains(": ")) && glob.matches(node.id.as_str())
        || object && node.address.as_ref().is_some_and(|address| fits_address(address.as_str(), glob))
        || node.aliases.iter().filter(|alias| alias.names_one_thing()).any(|alias| match alias.space() {
            "address" => fits_address(alias.value(), glob),
            space => {
                [&alias.to_string(), alias.value()].into_iter().any(|name| glob.matches(name))
                    || glob.matches(&format!("{space}:{}", alias.value()))
            }
        })
}

/// An address fits as it stands, without the keys of instances (`module.prod.*` means `module.prod["eu"].…` too, as it
/// does to Terraform), without the path of its plan, which those of further plans carry before a `#`, and without the
/// modules that it is in: a pattern that names none means whichever.
fn fits_address(address: &str, glob: &Glob) -> bool {
    let within = address.match_indices('#').filter_map(|(at, _)| address.get(at + 1..));
    std::iter::once(address)
        .chain(within)
        .flat_map(|one| [Some(one), below_modules(one)].into_iter().flatten())
        .any(|one| glob.matches(one) || one.contains('[') && glob.matches(&without_keys(one)))
        || glob.matches(&format!("address:{address}"))
}

/// `b.c[0]` of `module.a["x"].b.c[0]`.
fn below_modules(address: &str) -> Option<&str> {
    let mut rest = address;
    while let Some(inner) = rest.strip_prefix("module.") {
        let (end, _) = outside_keys(inner).find(|(_, letter)| *letter == '.')?;
        rest = inner.get(end + 1..)?;
    }
    (rest.len() < address.len()).then_some(rest)
}

/// `module.a["x"].b.c[0]` as `module.a.b.c`.
fn without_keys(address: &str) -> String {
    outside_keys(address).map(|(_, letter)| letter).collect()
}

/// The letters of an address that do not stand in the key of an instance, each with its place.
fn outside_keys(address: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    address.char_indices().filter(move |(_, letter)| {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !inside => inside = true,
            ']' if inside && !quoted => inside = false,
            _ => return !inside,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_meant_with_or_without_its_keys_and_plan() {
        let address = r#"module.prod["a].b\"c"].kubernetes_deployment.api[0]"#;
        assert_eq!(without_keys(address), "module.prod.kubernetes_deployment.api");
        for (glob, address, fitting) in [
            ("module.prod.*", "module.prod.a.b", true),
            ("module.prod.*", r#"module.prod["eu"].a.b[1]"#, true),
            (r#"module.prod["us"].*"#, r#"module.prod["eu"].a.b"#, false),
            ("module.prod.*", "module.production.a.b", false),
            ("module.prod.*", "module.platform.module.prod.a.b", false),
            ("module.prod.*", "stacks/#1/two.json#module.prod.a.b", true),
            ("a.b", "a.b[0]", true),
            ("a.b", "module.x.a.b", true),
            ("a.*", r#"module.x["k.k\"]"].module.y[0].a.b["c.d"]"#, true),
            (r#"a.b["c"]"#, r#"module.x["k"].a.b["c"]"#, true),
            ("a.b", "module.x.a.bc", false),
            ("x.a.b", "module.x.a.b", false),
            ("module.y.*", "module.x.module.y.a.b", false),
            ("a.b[1]", "a.b[0]", false),
            ("address:a.b", "a.b", true),
        ] {
            assert_eq!(fits_address(address, &Glob::new(glob)), fitting, "{glob} on {address}");
        }
    }
}
