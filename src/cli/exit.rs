//! Exit codes: a contract with every pipeline that calls the program.

use crate::verdict::Verdict;
use std::process::{ExitCode, Termination};

/// What the program ends with. Precedence: could not 2, denied 1, undetermined 4, approvals 3, pass 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing stops it; notes and warnings included.
    Pass,
    /// Refused by policy.
    Denied,
    /// The program could not do its job: usage, or input that cannot be read.
    CouldNot,
    /// People must sign.
    Approvals,
    /// Something that the answer hangs on is missing.
    Undetermined,
    /// Terraform's own code, of `exec` and of mainstay under terraform's name; 1 for all that they refuse.
    Code(u8),
}

impl Exit {
    /// The code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Pass => 0,
            Exit::Denied => 1,
            Exit::CouldNot => 2,
            Exit::Approvals => 3,
            Exit::Undetermined => 4,
            Exit::Code(code) => code,
        }
    }

    /// The exit of a code that an answer tells; any other is that the job was not done.
    pub(super) fn of(code: u8) -> Exit {
        match code {
            0 => Exit::Pass,
            1 => Exit::Denied,
            3 => Exit::Approvals,
            4 => Exit::Undetermined,
            _ => Exit::CouldNot,
        }
    }
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
        ExitCode::from(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_and_the_process_agree() {
        use Verdict::{Approval, Deny, Pass, Undetermined, Warn};
        for verdict in [Pass, Warn, Approval, Undetermined, Deny] {
            assert_eq!(Exit::from(verdict).code(), verdict.exit_code());
        }
    }
}
