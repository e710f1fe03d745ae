//! A guard that stands in for terraform must never find itself.
//!
//! [`super::Search`] passes over the own file. A copy of it, or a script that looks for terraform on `PATH` again, has
//! another file; so whoever is started says in one variable by whom. A terraform that a provisioner starts is neither
//! the process nor the child that was meant, and runs.

use super::Error;
use std::ffi::OsStr;

/// The variable: `exec:PID:DEPTH` or `child:PID:DEPTH`.
pub const CHAIN: &str = "MAINSTAY_CHAIN";

/// More than people nest.
const DEEPEST: u32 = 16;

/// How this process came to be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    process: u32,
    depth: u32,
}

impl Chain {
    /// From the variable; `process` and `parent` are the numbers of this process and of the one that started it.
    ///
    /// # Errors
    /// [`Error::Itself`] if this process was started as the real terraform by another mainstay, or if so many have
    /// started each other that it can only be a circle.
    pub fn read(value: Option<&OsStr>, process: u32, parent: u32) -> Result<Chain, Error> {
        let Some(text) = value else { return Ok(Chain { process, depth: 0 }) };
        let mut parts = text.to_str().unwrap_or_default().split(':');
        let (how, by) = (parts.next(), parts.next().and_then(|by| by.parse::<u32>().ok()));
        let depth = parts.next().and_then(|depth| depth.parse::<u32>().ok());
        // What we did not write is a circle for all we know.
        let (Some(how @ ("exec" | "child")), Some(by), Some(depth)) = (how, by, depth) else {
            return Err(Error::Itself);
        };
        let same = if how == "exec" { process } else { parent };
        if by == same || depth >= DEEPEST {
            return Err(Error::Itself);
        }
        Ok(Chain { process, depth })
    }

    /// The variable's value for a process that this one becomes.
    pub fn for_exec(&self) -> String {
        format!("exec:{}:{}", self.process, self.depth.saturating_add(1))
    }

    /// The variable's value for a child.
    pub fn for_child(&self) -> String {
        format!("child:{}:{}", self.process, self.depth.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str, process: u32, parent: u32) -> Result<Chain, Error> {
        Chain::read(Some(OsStr::new(value)), process, parent)
    }

    #[test]
    fn only_what_mainstay_itself_started_is_a_circle() {
        let first = Chain::read(None, 10, 1).unwrap();
        assert!(matches!(read(&first.for_exec(), 10, 1), Err(Error::Itself)), "became itself");
        assert!(matches!(read(&first.for_child(), 11, 10), Err(Error::Itself)), "its own child");
        // A provisioner's terraform: grandchildren, or children of what we became.
        assert!(read(&first.for_child(), 12, 11).is_ok());
        assert!(read(&first.for_exec(), 11, 10).is_ok());
    }

    #[test]
    fn a_circle_through_scripts_ends() {
        let mut value = Chain::read(None, 1, 0).unwrap().for_child();
        let steps = (1..100).find(|step| match read(&value, 1000 + step, 2000 + step) {
            Ok(chain) => {
                value = chain.for_child();
                false
            }
            Err(_) => true,
        });
        assert_eq!(steps, Some(DEEPEST));
    }

    #[test]
    fn what_nobody_wrote_is_refused() {
        for value in ["", "1", "exec", "exec:1", "child:x:1", "exec:1:-1", "other:1:1", "exec:1:99999999999"]
        {
            assert!(matches!(read(value, 5, 4), Err(Error::Itself)), "{value}");
        }
    }
}
