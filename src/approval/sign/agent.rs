//! Which of the agent's keys is meant when none is named.

use super::{Candidate, SignError, Tools};
use crate::approval::key::Key;
use crate::approval::roster::key_of_line;
use crate::approval::signature::{Rules, bounds};
use std::process::Stdio;

/// The one key of the agent that may sign in the namespace.
pub(super) fn only_key(namespace: &str, rules: &Rules<'_>, tools: &Tools<'_>) -> Result<Key, SignError> {
    let (program, mut command) = tools.command("ssh-add")?;
    let output = command
        .arg("-L")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|source| SignError::Start { program, source })?;
    // 1 is an agent without keys, 2 no agent: `ssh-add(1)`.
    if !matches!(output.status.code(), Some(0 | 1)) {
        return Err(SignError::NoAgent);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    // Certificates and types that do not count are passed over.
    let mut keys: Vec<Key> = Vec::new();
    for key in text.lines().filter_map(|line| key_of_line(line.trim()).ok()) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let (mut able, mut all) = (Vec::new(), Vec::new());
    for key in keys {
        let standing = match standing(&key, namespace, rules) {
            Ok(person) => {
                able.push((key.clone(), person.clone()));
                person
            }
            Err(why) => why,
        };
        all.push(Candidate { fingerprint: key.fingerprint(), standing });
    }
    if able.len() > 1 {
        let several = able.into_iter();
        let several = several.map(|(key, standing)| Candidate { fingerprint: key.fingerprint(), standing });
        return Err(SignError::Several(several.collect()));
    }
    able.pop().map(|(key, _)| key).ok_or(SignError::NoneKnown(all))
}

/// The person whose key it is, or why it may not sign.
fn standing(key: &Key, namespace: &str, rules: &Rules<'_>) -> Result<String, String> {
    if rules.revoked.has(key) {
        return Err("revoked".to_owned());
    }
    if rules.touch && !key.is_token() {
        return Err("no hardware key, which `require_touch` asks for".to_owned());
    }
    let mut why = "not in the roster".to_owned();
    for entry in rules.roster.of_key(key) {
        match bounds(entry, namespace, rules.at) {
            Ok(()) => return Ok(entry.person.clone()),
            Err(reason) => why = reason.to_string(),
        }
    }
    Err(why)
}
