//! Whether an update in place takes something away from those who use the thing, by values that say what it is for.

use super::entry::Entry;
use super::path::{Found, Path, Scope, any_marked, scalar};
use crate::model::{Attributes, Object, Presence, Side};
use std::collections::BTreeSet;

/// What is left of it after an update in place: where a value that was there before is not any more, nobody knows whether
/// that is what somebody uses. What comes besides takes nothing away.
pub(super) fn altered(entry: &Entry, object: &Object, side: Side) -> Presence {
    let (true, Some(before), Some(after)) = (object.in_place, &object.before, &object.after) else {
        return Presence::Present;
    };
    let less = |path: &Path| match (told(path, before), told(path, after)) {
        (Some(was), Some(is)) => !is.contains("*") && !was.iter().all(|one| covered(one, &is)),
        _ => true,
    };
    match side.after() && !side.before() && entry.alters.iter().any(less) {
        true => Presence::Unknown,
        false => Presence::Present,
    }
}

/// What a path leads to; `None` where a part of it cannot be told. Nothing at all is a value of its own: to say something
/// where nothing was said is to restrict.
fn told(path: &Path, attributes: &Attributes) -> Option<BTreeSet<String>> {
    let scope = Scope { attributes, address: None, item: None, kind: "" };
    let mut all = BTreeSet::new();
    for found in path.find(scope) {
        let Found::Value(value, at) = found else { return None };
        if any_marked(&attributes.unknown, &at) || any_marked(&attributes.sensitive, &at) {
            return None;
        }
        let text = scalar(value).unwrap_or_else(|| value.to_string());
        match rules(&text) {
            Some(rules) => all.extend(rules),
            None => drop(all.insert(text)),
        }
    }
    if all.is_empty() {
        all.insert(String::new());
    }
    Some(all)
}

/// Whether it is there as it was or, of a rule, by a path that ends with a star. Source: Vault, "Policies".
fn covered(one: &str, all: &BTreeSet<String>) -> bool {
    all.contains(one)
        || one.split_once(SEPARATOR).is_some_and(|(path, what)| {
            all.iter().filter_map(|other| other.split_once(SEPARATOR)).any(|(wider, same)| {
                same == what && wider.strip_suffix('*').is_some_and(|start| path.starts_with(start))
            })
        })
}

/// What no path has in it.
const SEPARATOR: char = '\n';

/// The rules of a policy of Vault: path and capability, with whatever else is said of the path. That nothing is denied is a
/// rule, too, which a deny takes away. `None` if it is no such policy.
fn rules(text: &str) -> Option<BTreeSet<String>> {
    let mut rest = plain(text);
    let mut rules = BTreeSet::from(["nothing is denied".to_owned()]);
    if !rest.starts_with("path\"") {
        return None;
    }
    while let Some(block) = rest.strip_prefix("path\"") {
        let (path, block) = block.split_once("\"{")?;
        let (inside, after) = closed(block)?;
        let (before, list) = inside.split_once("capabilities=[")?;
        let (list, behind) = list.split_once(']')?;
        let more = format!("{before}{behind}");
        for capability in list.split(',').map(|word| word.trim_matches('"')).filter(|word| !word.is_empty()) {
            if capability == "deny" {
                rules.remove("nothing is denied");
            }
            rules.insert(format!("{path}{SEPARATOR}{capability}{more}"));
        }
        rest = after.to_owned();
    }
    rest.is_empty().then_some(rules)
}

/// What stands before the brace that closes, and behind it.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut open = 0_usize;
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '{' if !quoted => open += 1,
            '}' if !quoted && open > 0 => open -= 1,
            '}' if !quoted => return Some((text.get(..at)?, text.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

/// Without comments and white space outside of quotes.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        match (letter, next) {
            ('"', _) => {
                quoted = !quoted;
                out.push(letter);
            }
            (_, _) if quoted => out.push(letter),
            ('#', _) | ('/', Some('/')) => {
                let _ = letters.by_ref().find(|letter| *letter == '\n');
            }
            ('/', Some('*')) => {
                let mut last = ' ';
                let _ = letters.by_ref().skip(1).find(|letter| {
                    let ends = last == '*' && *letter == '/';
                    last = *letter;
                    ends
                });
            }
            _ if letter.is_whitespace() => {}
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_compared_rule_by_rule() {
        let before = "path \"db/creds/web\" {\n  capabilities = [\"read\", \"list\"]\n}\npath \"kv/data/*\" { capabilities = [\"read\"] }";
        let kept = |after: &str| {
            let (was, is) = (rules(before).unwrap(), rules(after).unwrap());
            was.iter().all(|one| covered(one, &is))
        };
        assert!(kept(before));
        assert!(kept(
            "# said otherwise\npath \"kv/data/*\" { capabilities=[\"read\"] } /* { */\npath \"db/creds/web\" { capabilities = [\"list\",\"read\"] }"
        ));
        assert!(kept(
            "path \"db/*\" { capabilities = [\"read\", \"list\"] }\npath \"kv/*\" { capabilities = [\"read\"] }"
        ));
        assert!(!kept("path \"kv/data/*\" { capabilities = [\"read\"] }"));
        assert!(!kept(
            "path \"db/creds/web\" { capabilities = [\"read\"] }\npath \"kv/data/*\" { capabilities = [\"read\"] }"
        ));
        assert!(!kept(&format!("{before}\npath \"kv/data/x\" {{ capabilities = [\"deny\"] }}")));
        for other in ["", "pathology", "path \"x\" {", "path \"x\" { policy = \"read\" }", "[\"a\"]"] {
            assert!(rules(other).is_none(), "{other}");
        }
    }
}
