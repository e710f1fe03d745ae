//! What only the `tfplan` entry of a plan file says: how the plan was asked for. Its format is Terraform's own and not
//! promised, so everything here is a hint: what is not understood is left out, and nothing is taken back because of it.
//! Source: `planfile.proto` of Terraform and OpenTofu; plans made by 1.11.

use crate::model::{Action, PlanMode};

/// A change, as the plan file tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// The instance.
    pub address: String,
    /// Where it was before a move.
    pub previous: Option<String>,
    /// Its deposed key.
    pub deposed: Option<String>,
    /// What would be done.
    pub action: Action,
    /// Why, in the word that the JSON has for it.
    pub reason: Option<&'static str>,
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Hints {
    /// What sort of plan was asked for.
    pub mode: PlanMode,
    /// `-target`.
    pub targets: Vec<String>,
    /// `-replace`.
    pub replaced: Vec<String>,
    /// Planning failed.
    pub errored: bool,
    /// Who wrote it.
    pub terraform_version: Option<String>,
    /// Type of the backend and workspace.
    pub backend: Option<(String, String)>,
    /// The backend's settings, in a form that only it reads.
    pub backend_settings: Vec<u8>,
    /// When it was made.
    pub timestamp: Option<String>,
    /// Its changes.
    pub changes: Vec<Told>,
    /// What happened outside.
    pub drift: Vec<Told>,
}

/// Reads them; `None` if the bytes are not of that form.
pub(super) fn read(bytes: &[u8]) -> Option<Hints> {
    let mut hints = Hints::default();
    for field in Fields(bytes) {
        match field? {
            (3, Value::Bytes(change)) => hints.changes.push(told(change)?),
            (5, Value::Bytes(target)) => hints.targets.push(text(target)?),
            (13, Value::Bytes(backend)) => {
                let mut both = (String::new(), String::new());
                for field in Fields(backend) {
                    match field? {
                        (1, Value::Bytes(kind)) => both.0 = text(kind)?,
                        (2, Value::Bytes(settings)) => hints.backend_settings = settings.to_vec(),
                        (3, Value::Bytes(workspace)) => both.1 = text(workspace)?,
                        _ => {}
                    }
                }
                hints.backend = Some(both);
            }
            (14, Value::Bytes(version)) => hints.terraform_version = Some(text(version)?),
            (16, Value::Bytes(address)) => hints.replaced.push(text(address)?),
            (17, Value::Number(1)) => hints.mode = PlanMode::Destroy,
            (17, Value::Number(2)) => hints.mode = PlanMode::RefreshOnly,
            (21, Value::Bytes(timestamp)) => hints.timestamp = Some(text(timestamp)?),
            (18, Value::Bytes(change)) => hints.drift.push(told(change)?),
            (20, Value::Number(flag)) => hints.errored = flag != 0,
            _ => {}
        }
    }
    Some(hints)
}

fn told(bytes: &[u8]) -> Option<Told> {
    let mut told = Told {
        address: String::new(),
        previous: None,
        deposed: None,
        action: Action::from_number(0),
        reason: None,
    };
    for field in Fields(bytes) {
        match field? {
            (7, Value::Bytes(key)) => told.deposed = Some(text(key)?).filter(|key| !key.is_empty()),
            (9, Value::Bytes(change)) => {
                for field in Fields(change) {
                    if let (1, Value::Number(number)) = field? {
                        told.action = Action::from_number(number);
                    }
                }
            }
            (12, Value::Number(number)) => told.reason = reason(number),
            (13, Value::Bytes(address)) => told.address = text(address)?,
            (14, Value::Bytes(address)) => told.previous = Some(text(address)?),
            _ => {}
        }
    }
    told.previous = told.previous.filter(|previous| !previous.is_empty() && *previous != told.address);
    (!told.address.is_empty()).then_some(told)
}

/// The reasons, from 1 on.
const REASONS: [&str; 13] = [
    "replace_because_tainted",
    "replace_by_request",
    "replace_because_cannot_update",
    "delete_because_no_resource_config",
    "delete_because_wrong_repetition",
    "delete_because_count_index",
    "delete_because_each_key",
    "delete_because_no_module",
    "replace_by_triggers",
    "read_because_config_unknown",
    "read_because_dependency_pending",
    "delete_because_no_move_target",
    "read_because_check_nested",
];

/// A reason in words; one that is new is none.
fn reason(number: u64) -> Option<&'static str> {
    let place = usize::try_from(number).ok()?.checked_sub(1)?;
    REASONS.get(place).copied()
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// A field's value.
enum Value<'a> {
    /// A varint.
    Number(u64),
    /// Text, bytes or a message.
    Bytes(&'a [u8]),
    /// Eight or four bytes, of which nothing here is made.
    Fixed,
}

/// The fields of a protobuf message, one level deep; `None` where the bytes are of another form.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((tag >> 3, value))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.take(1)? else { return None };
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}
