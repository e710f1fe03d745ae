//! Why some bytes are not a plan that can be read, and what to give instead.

/// A plan that cannot be read. Messages never show values of the plan: they may be secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is the zip that `terraform plan -out` writes; the caller turns it into JSON.
    #[error("{path}: this is a plan file, not JSON; give the output of `terraform show -json {path}`")]
    IsPlanFile {
        /// As given.
        path: String,
    },
    /// It cannot be opened, or reading stops.
    #[error("plan `{path}` cannot be read: {what}")]
    Input {
        /// As given.
        path: String,
        /// Why.
        what: String,
    },
    /// It is no text at all.
    #[error("{path}: {what}; give the output of `terraform show -json` of a plan file")]
    NotText {
        /// As given.
        path: String,
        /// Where it stops being text.
        what: crate::model::NotText,
    },
    /// It is not JSON, or there is something before or after the JSON.
    #[error(
        "{path}: not a single JSON document: {what}; give the output of `terraform show -json PLANFILE` and nothing else"
    )]
    NotJson {
        /// As given.
        path: String,
        /// What and where.
        what: String,
    },
    /// A part of it has another form than any known version writes.
    #[error(
        "{path}: {pointer}: {what}; the file was not written by `terraform show -json`, or was changed since"
    )]
    Form {
        /// As given.
        path: String,
        /// JSON pointer of the part.
        pointer: String,
        /// What and where within the part.
        what: String,
    },
    /// It is the log of `terraform plan -json`, which leaves out all values.
    #[error(
        "{path}: this is the log that `terraform plan -json` prints, not a plan; run `terraform plan -out=plan.tfplan`, then `terraform show -json plan.tfplan`"
    )]
    IsLog {
        /// As given.
        path: String,
    },
    /// It is a state.
    #[error(
        "{path}: this is a state, not a plan; run `terraform plan -out=plan.tfplan`, then `terraform show -json plan.tfplan`"
    )]
    IsState {
        /// As given.
        path: String,
    },
    /// It is HCP Terraform's redacted plan, which leaves out values.
    #[error(
        "{path}: this is a redacted plan of HCP Terraform, which leaves out values; download the run's full plan (`json-output`, not `json-output-redacted`)"
    )]
    IsRedacted {
        /// As given.
        path: String,
    },
    /// It is the bookmark that `plan -out` writes when the run is in HCP Terraform.
    #[error(
        "{path}: this only names a plan kept in HCP Terraform; run `terraform show -json {path}` where you are logged in, and give its output"
    )]
    IsBookmark {
        /// As given.
        path: String,
    },
    /// It is the envelope that OpenTofu writes where plans and states are encrypted.
    #[error(
        "{path}: this is encrypted by OpenTofu; where its `encryption` configuration and key are, run `tofu show -json {path}`, and give its output"
    )]
    IsEncrypted {
        /// As given.
        path: String,
    },
    /// A state of a form that no longer is written.
    #[error(
        "{path}: a state of version {version}, and only version 4 is read; upgrade it with `terraform apply -refresh-only`, or give the output of `terraform show -json`"
    )]
    StateVersion {
        /// As given.
        path: String,
        /// The version in the file.
        version: String,
    },
    /// It does not say which version of the format it has.
    #[error(
        "{path}: no `format_version`: nothing says that this is a whole plan; give the output of `terraform show -json PLANFILE` as it is"
    )]
    NoVersion {
        /// As given.
        path: String,
    },
    /// A version that may mean something else by the same words.
    #[error("{path}: format version {version:?} is not known here (0.x and 1.x are); use a newer mainstay")]
    Version {
        /// As given.
        path: String,
        /// The version in the file.
        version: String,
    },
    /// JSON of something else.
    #[error(
        "{path}: this is not a plan: it has no planned values, changes, prior state or configuration; give the output of `terraform show -json PLANFILE`"
    )]
    NotAPlan {
        /// As given.
        path: String,
    },
}

/// What serde_json says, without the values that it quotes when only the type of a value is wrong.
pub(super) fn describe(error: &serde_json::Error) -> String {
    let said = error.to_string();
    if error.is_data() && !said.starts_with(super::lenient::TWICE) {
        format!("a value of an unexpected type at line {} column {}", error.line(), error.column())
    } else {
        said
    }
}
