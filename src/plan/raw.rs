//! The parts of plan JSON that are read, as they stand in the file. Values stay raw text until they are redacted;
//! `variables` and planned values, which hold secrets in the clear, are never read at all, and of changes of outputs
//! only that there is one.

use super::address::Instance;
use super::configuration::Configuration;
use super::lenient::lenient;
use super::relevant::Relevant;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

lenient! {
    /// A plan but for its long sections, which are taken apart element by element.
    struct Document<'a> {
        format_version: Option<&'a RawValue> = "format_version",
        terraform_version: Option<&'a RawValue> = "terraform_version",
        timestamp: Option<&'a RawValue> = "timestamp",
        errored: Option<bool> = "errored",
        complete: Option<bool> = "complete",
        resource_drift: Vec<&'a RawValue> = "resource_drift",
        deferred_changes: Vec<IgnoredAny> = "deferred_changes",
        output_changes: Option<&'a RawValue> = "output_changes",
        relevant_attributes: Vec<Relevant<'a>> = "relevant_attributes",
        action_invocations: Vec<Invocation<'a>> = "action_invocations",
        deferred_action_invocations: Vec<IgnoredAny> = "deferred_action_invocations",
        /// Of it only the outputs.
        prior_state: PriorState<'a> = "prior_state",
        configuration: Option<Configuration<'a>> = "configuration",
    }
}

lenient! {
    /// An entry of `action_invocations`.
    struct Invocation<'a> {
        address: String = "address",
    }
}

lenient! {
    /// An entry of `resource_changes` or `resource_drift`.
    struct Entry<'a> {
        address: String = "address",
        previous_address: Option<String> = "previous_address",
        deposed: Option<String> = "deposed",
        mode: String = "mode",
        kind: String = "type",
        reason: Option<String> = "action_reason",
        change: Values<'a> = "change",
    }
}

lenient! {
    /// Its `change`.
    struct Values<'a> {
        actions: Option<Vec<String>> = "actions",
        before: Option<&'a RawValue> = "before",
        after: Option<&'a RawValue> = "after",
        after_unknown: Option<&'a RawValue> = "after_unknown",
        before_sensitive: Option<&'a RawValue> = "before_sensitive",
        after_sensitive: Option<&'a RawValue> = "after_sensitive",
        importing: Option<&'a RawValue> = "importing",
    }
}

lenient! {
    /// `prior_state`.
    struct PriorState<'a> {
        values: PriorValues<'a> = "values",
    }
}

lenient! {
    /// Its `values`.
    struct PriorValues<'a> {
        outputs: BTreeMap<String, PriorOutput<'a>> = "outputs",
        root_module: PriorModule<'a> = "root_module",
    }
}

lenient! {
    /// An output of it.
    struct PriorOutput<'a> {
        sensitive: bool = "sensitive",
        value: Option<&'a RawValue> = "value",
    }
}

lenient! {
    /// A module of it.
    struct PriorModule<'a> {
        resources: Vec<PriorResource<'a>> = "resources",
        child_modules: Vec<PriorModule<'a>> = "child_modules",
    }
}

lenient! {
    /// A resource instance of it.
    struct PriorResource<'a> {
        address: String = "address",
        mode: String = "mode",
        kind: String = "type",
        deposed: Option<String> = "deposed_key",
        values: Option<&'a RawValue> = "values",
        sensitive: Option<&'a RawValue> = "sensitive_values",
        depends_on: Option<&'a RawValue> = "depends_on",
    }
}

impl PriorResource<'_> {
    /// The type: as written, else by the address.
    pub(super) fn kind(&self) -> String {
        kind_of(&self.kind, Instance::parse(&self.address).as_ref())
    }
}

/// A type: as written, else by the address.
pub(super) fn kind_of(written: &str, instance: Option<&Instance>) -> String {
    match written {
        "" => instance.map(|instance| instance.kind().to_owned()).unwrap_or_default(),
        written => written.to_owned(),
    }
}
