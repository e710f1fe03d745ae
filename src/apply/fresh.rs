//! `terraform apply` and `terraform destroy` without a plan file, taken apart into a plan that can be judged and the
//! apply of just that plan.

use super::flags::{Flag, Goes};

/// Both halves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh {
    /// Whether everything is to be destroyed.
    pub destroy: bool,
    /// Whether only the state is to follow what is there.
    pub refresh: bool,
    /// Flags for `terraform plan`, without `-out`.
    pub plan: Vec<String>,
    /// Flags for `terraform apply`, without the plan.
    pub apply: Vec<String>,
    /// All of them.
    pub flags: Vec<Flag>,
    /// Whether it said that nobody is to be asked.
    pub approved: bool,
    /// Whether it may ask at all.
    pub input: bool,
    /// Whether it speaks to a program.
    pub json: bool,
}

impl Fresh {
    /// `flags` are all known.
    pub(super) fn new(destroy: bool, flags: &[Flag]) -> Fresh {
        let last = |name: &str| flags.iter().rfind(|flag| flag.name == name).and_then(Flag::on);
        let to = |half: Goes| {
            let goes = move |flag: &&Flag| {
                flag.known().is_some_and(|known| [half, Goes::Both].contains(&known.goes))
            };
            flags.iter().filter(goes).map(Flag::to_string)
        };
        let json = last("json").unwrap_or(false);
        Fresh {
            destroy: destroy || last("destroy").unwrap_or(false),
            refresh: last("refresh-only").unwrap_or(false),
            plan: destroy.then(|| "-destroy".to_owned()).into_iter().chain(to(Goes::Plan)).collect(),
            apply: to(Goes::Apply).collect(),
            flags: flags.to_vec(),
            approved: last("auto-approve").unwrap_or(false),
            // Terraform asks nothing while it speaks JSON.
            input: last("input").unwrap_or(true) && !json,
            json,
        }
    }
}
