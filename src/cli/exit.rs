//! Exit codes: a contract with every pipeline that calls the program.

use crate::verdict::Verdict;
use std::process::{ExitCode, Termination};

/// What the program ends with. Precedence: could not 2, denied 1, undetermined 4, approvals 3, pass 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Nothing stops it; notes and warnings included.
    Pass = 0,
    /// Refused by policy.
    Denied = 1,
    /// The program could not do its job: usage, or input that cannot be read.
    CouldNot = 2,
    /// People must sign.
    Approvals = 3,
    /// Something that the answer hangs on is missing.
    Undetermined = 4,
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Exit {
        match verdict {
            Verdict::Pass | Verdict::Warn => Exit::Pass,
            Verdict::Deny => Exit::Denied,
            Verdict::Approval => Exit::Approvals,
            Verdict::Undetermined => Exit::Undetermined,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_and_the_process_agree() {
        use Verdict::{Approval, Deny, Pass, Undetermined, Warn};
        for verdict in [Pass, Warn, Approval, Undetermined, Deny] {
            assert_eq!(Exit::from(verdict) as u8, verdict.exit_code());
        }
    }
}
