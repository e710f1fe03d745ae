//! Whether the state is still the one that a plan was made on. Terraform asks the same when it applies; asked before,
//! no approval is used up by a plan that cannot be applied.
//! Source: `internal/backend/local/backend_apply.go` of Terraform: lineage and serial, and nothing else.

use serde::Deserialize;

/// Why a plan can no longer be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// The state has been written since.
    #[error(
        "the plan is stale: it was made on serial {planned} of the state, which has serial {current} now; make a new plan"
    )]
    Serial {
        /// That of the plan.
        planned: u64,
        /// That of the state.
        current: u64,
    },
    /// It is another state.
    #[error(
        "the plan was made on another state than this one (another workspace, backend or directory); go where it was made, or make a new plan"
    )]
    Lineage,
    /// One of the two is no state.
    #[error("cannot compare the plan with the state: {which} cannot be read ({why}); make a new plan")]
    Unreadable {
        /// Which.
        which: &'static str,
        /// Why.
        why: String,
    },
}

#[derive(Deserialize, Default, Debug)]
struct Head {
    #[serde(default)]
    lineage: String,
    #[serde(default)]
    serial: u64,
}

/// Compares the state inside a plan file (its entry `tfstate`) with the present one (`Call::state`). Where there was
/// none yet, `current` is empty.
pub fn stale(planned: &[u8], current: &[u8]) -> Option<Stale> {
    let read = |which, bytes: &[u8]| {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Head::default());
        }
        let unreadable = |why| Stale::Unreadable { which, why };
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(unreadable("it is no object".to_owned()));
        }
        serde_json::from_slice::<Head>(bytes).map_err(|error| unreadable(format!("line {}", error.line())))
    };
    let (planned, current) = match (read("the one in the plan", planned), read("the present one", current)) {
        (Ok(planned), Ok(current)) => (planned, current),
        (Err(why), _) | (_, Err(why)) => return Some(why),
    };
    // A plan on no state has no lineage, and serial 0.
    if !planned.lineage.is_empty() && planned.lineage != current.lineage {
        return Some(Stale::Lineage);
    }
    let (planned, current) = (planned.serial, current.serial);
    (planned != current).then_some(Stale::Serial { planned, current })
}
