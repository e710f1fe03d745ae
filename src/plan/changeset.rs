//! All that a plan does, each deed with a digest: what an approval is bound to besides the losses, and what a plan made
//! anew may do no more than. Values are hashed and never kept.

use super::error::Error;
use super::feed::Broken;
use super::junk;
use super::sections::{Batch, Rest, Section, Sink, walk};
use super::{Open, address::Instance, raw};
use crate::model::{Action, Digest, decode_text, told};
use serde_json::{Map, Value, json};
use std::io::Read;

/// One thing that a plan does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deed {
    /// Address of the instance; of what is no resource, a name that says what it is: `output.x`.
    pub address: String,
    /// Its deposed key.
    pub deposed: Option<String>,
    /// Terraform type.
    pub kind: String,
    /// What would be done, in Terraform's words.
    pub actions: Vec<String>,
    /// Keyed digest of what it is to be after, of what is not known of that, of where it comes from, and why.
    pub after: Digest,
}

impl Deed {
    /// Whether it runs a program when it is done: one of the checkout's or of the machine's, whose bytes no plan holds.
    pub fn runs(&self) -> bool {
        matches!(self.kind.as_str(), PROVISIONER | EXTERNAL | ACTION)
    }
}

/// Kinds of deeds that run programs.
const PROVISIONER: &str = "provisioner";
const EXTERNAL: &str = "external";
const ACTION: &str = "action";

/// Sections that do something besides `resource_changes`.
const SHORT: [&str; 4] = ["output_changes", "action_invocations", "deferred_changes", "configuration"];

/// What a plan does, in order. `key` goes into every digest, so that nobody without it can try values; without one the
/// values are left out.
///
/// # Errors
/// If it cannot be opened or is no plan.
pub fn deeds(open: &Open<'_>, path: &str, key: Option<&[u8]>) -> Result<Vec<Deed>, Error> {
    let failed = |error: std::io::Error| Error::Input { path: path.to_owned(), what: told(&error) };
    let mut taker = Taker { deeds: Vec::new(), key, path, wrong: None };
    let walked = match walk(open().map_err(failed)?, path, &SHORT, &mut taker) {
        Ok(rest) if !rest.followed => Ok(rest),
        // Another encoding, or lines around it: the whole of it is looked at.
        _ => {
            taker = Taker { deeds: Vec::new(), key, path, wrong: None };
            let mut bytes = Vec::new();
            open().map_err(failed)?.read_to_end(&mut bytes).map_err(failed)?;
            let text = decode_text(&bytes).map_err(|what| Error::NotText { path: path.to_owned(), what })?;
            walk(junk::bare(&text).text.as_bytes(), path, &SHORT, &mut taker)
        }
    };
    if let Some(wrong) = taker.wrong {
        return Err(wrong);
    }
    let rest = walked.map_err(|broken| match broken {
        Broken::Refused(error) => error,
        Broken::Input(error) => failed(error),
        Broken::Form => Error::NotJson { path: path.to_owned(), what: "it cannot be taken apart".to_owned() },
    })?;
    let mut deeds = taker.deeds;
    beside(&rest, path, key, &mut deeds)?;
    deeds.sort();
    Ok(deeds)
}

struct Taker<'t> {
    deeds: Vec<Deed>,
    key: Option<&'t [u8]>,
    path: &'t str,
    wrong: Option<Error>,
}

impl Sink for Taker<'_> {
    fn take(&mut self, batch: Batch) -> Option<(Vec<u8>, Vec<usize>)> {
        if batch.section == Section::Changes {
            for (number, bytes) in batch.elements() {
                match deed(bytes, self.key) {
                    Ok(deed) => self.deeds.extend(deed),
                    Err(what) => {
                        let pointer = format!("{}/{number}", batch.array);
                        self.wrong = Some(Error::Form { path: self.path.to_owned(), pointer, what });
                        return None;
                    }
                }
            }
        }
        Some(batch.emptied())
    }
}

/// What an entry of `resource_changes` does, if it does anything.
fn deed(bytes: &[u8], key: Option<&[u8]>) -> Result<Option<Deed>, String> {
    let entry: Value =
        serde_json::from_slice(bytes).map_err(|_| "a value of an unexpected type".to_owned())?;
    let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    let address = text("address").ok_or_else(|| "it has no address".to_owned())?;
    let change = entry.get("change").cloned().unwrap_or_default();
    let words = change.get("actions").and_then(Value::as_array).cloned().unwrap_or_default();
    let actions: Vec<String> =
        words.iter().map(|word| word.as_str().unwrap_or_default().to_owned()).collect();
    let comes = |name: &str| entry.get(name).or(change.get(name)).cloned().unwrap_or_default();
    let (moved, imported) = (comes("previous_address"), comes("importing"));
    let plain = |value: &Value| matches!(value, Value::Null | Value::Bool(false));
    if Action::from_words(&actions) == Action::NoOp && plain(&moved) && plain(&imported) {
        return Ok(None);
    }
    let kind = raw::kind_of(&text("type").unwrap_or_default(), Instance::parse(&address).as_ref());
    let after = json!([
        comes("after"),
        comes("after_unknown"),
        comes("replace_paths"),
        comes("action_reason"),
        moved,
        imported,
        comes("provider_name"),
    ]);
    let deposed = text("deposed").filter(|key| !key.is_empty());
    Ok(Some(Deed { address, deposed, kind, actions, after: keyed(key, &after) }))
}

/// What else a plan does: outputs, actions, and what provisioners and `external` data run.
fn beside(rest: &Rest, path: &str, key: Option<&[u8]>, deeds: &mut Vec<Deed>) -> Result<(), Error> {
    let sections: Map<String, Value> = serde_json::from_slice(&rest.document).map_err(|_| Error::Form {
        path: path.to_owned(),
        pointer: "/".to_owned(),
        what: "a value of an unexpected type".to_owned(),
    })?;
    let mut add = |address: String, kind: &str, words: Vec<String>, value: &Value| {
        let after = keyed(key, value);
        deeds.push(Deed { address, deposed: None, kind: kind.to_owned(), actions: words, after });
    };
    for (name, change) in sections.get("output_changes").and_then(Value::as_object).into_iter().flatten() {
        let words: Vec<String> =
            serde_json::from_value(change.get("actions").cloned().unwrap_or_default()).unwrap_or_default();
        if Action::from_words(&words) != Action::NoOp {
            let value = json!([change.get("after"), change.get("after_unknown")]);
            add(format!("output.{name}"), "output", words, &value);
        }
    }
    for (section, kind) in [("action_invocations", ACTION), ("deferred_changes", "deferred")] {
        for one in sections.get(section).and_then(Value::as_array).into_iter().flatten() {
            let address = one.get("address").or(one.pointer("/resource_change/address"));
            let address = address.and_then(Value::as_str).unwrap_or(kind).to_owned();
            add(address, kind, vec!["invoke".to_owned()], one);
        }
    }
    if let Some(root) = sections.get("configuration").and_then(|section| section.get("root_module")) {
        provisioners(root, "", &mut add);
    }
    Ok(())
}

fn provisioners(module: &Value, prefix: &str, add: &mut impl FnMut(String, &str, Vec<String>, &Value)) {
    let mut open = vec![(module, prefix.to_owned())];
    while let Some((module, prefix)) = open.pop() {
        for resource in module.get("resources").and_then(Value::as_array).into_iter().flatten() {
            if let Some(provisioners) = resource.get("provisioners") {
                let address = resource.get("address").and_then(Value::as_str).unwrap_or_default();
                add(format!("{prefix}{address}"), PROVISIONER, vec!["run".to_owned()], provisioners);
            }
            // It may be read only when the plan is applied.
            let is = |name: &str, value: &str| resource.get(name).and_then(Value::as_str) == Some(value);
            if is("mode", "data") && is("type", EXTERNAL) {
                let address = resource.get("address").and_then(Value::as_str).unwrap_or_default();
                let expressions = resource.get("expressions").unwrap_or(&Value::Null);
                add(format!("{prefix}{address}"), EXTERNAL, vec!["run".to_owned()], expressions);
            }
        }
        for (name, call) in module.get("module_calls").and_then(Value::as_object).into_iter().flatten() {
            if let Some(inner) = call.get("module") {
                open.push((inner, format!("{prefix}module.{name}.")));
            }
        }
    }
}

/// Keys of objects are in order in a [`Value`], and numbers as they were written: one text for one value.
fn keyed(key: Option<&[u8]>, value: &Value) -> Digest {
    let Some(key) = key else { return Digest::of(b"") };
    let inner = Digest::of(&[key, value.to_string().as_bytes()].concat());
    Digest::of(&[key, inner.bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(plan: &Value, key: &[u8]) -> Vec<Deed> {
        let bytes = plan.to_string().into_bytes();
        deeds(&|| Ok(Box::new(bytes.as_slice())), "plan.json", Some(key)).unwrap()
    }

    fn entry(address: &str, actions: &[&str], after: Value) -> Value {
        json!({"address": address, "type": "t", "change": {"actions": actions, "before": {}, "after": after}})
    }

    #[test]
    fn all_that_is_done_and_nothing_else() {
        let plan = json!({"format_version": "1.2", "resource_changes": [
            entry("t.b", &["update"], json!({"v": 1})), entry("t.a", &["no-op"], json!({})),
            json!({"address": "t.m", "previous_address": "t.old", "change": {"actions": ["no-op"]}})],
            "output_changes": {"o": {"actions": ["update"], "after": "x"}, "same": {"actions": ["no-op"]}},
            "action_invocations": [{"address": "action.a.b"}],
            "configuration": {"root_module": {"module_calls": {"m": {"module": {"resources": [
                {"address": "data.external.x", "mode": "data", "type": "external"},
                {"address": "data.http.x", "mode": "data", "type": "http"},
                {"address": "t.p", "provisioners": [{"type": "local-exec"}]}]}}}}}});
        let found = of(&plan, b"k");
        let names: Vec<&str> = found.iter().map(|deed| deed.address.as_str()).collect();
        let all = ["action.a.b", "module.m.data.external.x", "module.m.t.p", "output.o", "t.b", "t.m"];
        assert_eq!(names, all);
        let run = found.iter().filter(|deed| deed.runs()).map(|deed| deed.address.as_str());
        assert_eq!(run.collect::<Vec<_>>(), &all[..3]);
        let changed = |pointer: &str, value: Value| {
            let mut plan = plan.clone();
            *plan.pointer_mut(pointer).unwrap() = value;
            let other = of(&plan, b"k");
            found.iter().zip(&other).filter(|(one, other)| one != other).count()
        };
        assert_eq!(changed("/resource_changes/0/change/after/v", json!(2)), 1);
        assert_eq!(changed("/resource_changes/0/change/before", json!({"v": 2})), 0);
        assert_eq!(changed("/output_changes/o/after", json!("y")), 1);
        let script = "/configuration/root_module/module_calls/m/module/resources/2/provisioners/0/type";
        assert_eq!(changed(script, json!("file")), 1);
    }

    #[test]
    fn without_the_key_a_value_cannot_be_tried() {
        let plan = json!({"resource_changes": [entry("t.b", &["update"], json!({"v": 1}))]});
        assert_ne!(of(&plan, b"one")[0].after, of(&plan, b"other")[0].after);
    }

    #[test]
    fn marks_and_lines_around_it_make_no_difference() {
        let plan =
            json!({"format_version": "1.2", "resource_changes": [entry("t.b", &["update"], json!({}))]});
        let wide: Vec<u8> = plan.to_string().encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = [&[0xFF, 0xFE], wide.as_slice()].concat();
        let line = format!("[command]terraform show\n{plan}\n").into_bytes();
        for bytes in [wide, line] {
            let found = deeds(&|| Ok(Box::new(bytes.as_slice())), "plan.json", Some(b"k")).unwrap();
            assert_eq!(found, of(&plan, b"k"));
        }
    }
}
