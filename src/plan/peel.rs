//! An object taken apart into its members, at the speed at which their ends are found.
//!
//! What lies in the values is not looked at: whoever wants one of them reads it, and then it must be JSON.

use super::skip::Skip;
use std::borrow::Cow;

/// The members of an object, in order. Ends with an error where the text is none.
pub(super) struct Members<'a> {
    rest: &'a str,
    /// What must come before the next member.
    comma: bool,
    ended: bool,
}

/// A member: its name as it is written, and its value.
pub(super) struct Member<'a> {
    /// Between its quotes, escapes and all.
    pub written: &'a str,
    /// As it stands there.
    pub value: &'a str,
}

/// The text is no object.
#[derive(Debug)]
pub(super) struct NoObject;

impl<'a> Members<'a> {
    /// Of this object.
    pub(super) fn of(json: &'a str) -> Result<Members<'a>, NoObject> {
        let rest = json.trim_start_matches(WHITE).strip_prefix('{').ok_or(NoObject)?;
        Ok(Members { rest, comma: false, ended: false })
    }

    fn member(&mut self) -> Option<Result<Member<'a>, NoObject>> {
        if self.closes() {
            let clean = self.rest.trim_start_matches(WHITE).is_empty();
            return (!clean).then_some(Err(NoObject));
        }
        Some(self.next_member().ok_or(NoObject))
    }

    fn next_member(&mut self) -> Option<Member<'a>> {
        let written = self.name()?;
        Some(Member { written, value: self.value()? })
    }

    /// Whether the object ends here; if so, it is behind.
    fn closes(&mut self) -> bool {
        self.white();
        self.pass(b'}').is_some()
    }

    /// The name of the next member, as it is written; its value stands next.
    fn name(&mut self) -> Option<&'a str> {
        if self.comma {
            self.pass(b',')?;
            self.white();
        }
        self.comma = true;
        let written = self.take(string_end(self.rest)?)?;
        let written = written.strip_prefix('"')?.strip_suffix('"')?;
        self.white();
        self.pass(b':')?;
        self.white();
        Some(written)
    }

    /// The value that stands next.
    fn value(&mut self) -> Option<&'a str> {
        let bytes = self.rest.as_bytes();
        let end = match bytes.first()? {
            b'{' | b'[' => Skip::default().go(bytes)?,
            b'"' => string_end(self.rest)?,
            _ => bytes.iter().position(|byte| matches!(byte, b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t'))?,
        };
        self.take(end)
    }

    fn pass(&mut self, byte: u8) -> Option<()> {
        let is_it = self.rest.as_bytes().first() == Some(&byte);
        self.rest = self.rest.get(1..).filter(|_| is_it)?;
        Some(())
    }

    fn take(&mut self, length: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn white(&mut self) {
        if self.rest.as_bytes().first().is_some_and(|byte| *byte <= b' ') {
            self.rest = self.rest.trim_start_matches(WHITE);
        }
    }
}

const WHITE: [char; 4] = [' ', '\n', '\r', '\t'];

/// How long the string is that stands here, quotes included.
fn string_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<Member<'a>, NoObject>;

    fn next(&mut self) -> Option<Result<Member<'a>, NoObject>> {
        if self.ended {
            return None;
        }
        let member = self.member();
        self.ended = !matches!(member, Some(Ok(_)));
        member
    }
}

impl<'a> Member<'a> {
    /// Its name.
    pub(super) fn name(&self) -> Result<Cow<'a, str>, NoObject> {
        if !self.written.bytes().any(|byte| byte == b'\\' || byte < b' ') {
            return Ok(Cow::Borrowed(self.written));
        }
        serde_json::from_str(&format!("\"{}\"", self.written)).map(Cow::Owned).map_err(|_| NoObject)
    }

    /// Puts it into an object that is being written.
    fn write(&self, value: &str, to: &mut String) {
        to.push_str(if to.ends_with('{') { "\"" } else { ",\"" });
        to.push_str(self.written);
        to.push_str("\":");
        to.push_str(value);
    }
}

/// The object without the values of these members, which stand aside: `null` takes their place. With `within`, members of
/// that member are meant.
pub(super) fn peel<'a, const N: usize>(
    json: &'a str,
    within: Option<&str>,
    aside: [&str; N],
    rind: &mut String,
) -> Result<[Option<&'a str>; N], NoObject> {
    rind.clear();
    rind.push('{');
    let mut found = [None; N];
    let mut members = Members::of(json)?;
    while !members.closes() {
        let written = members.name().ok_or(NoObject)?;
        let at = Member { written, value: members.rest };
        if within.is_some() && at.name()? == within.unwrap_or_default() && at.value.starts_with('{') {
            at.write("{", rind);
            // Its members are looked for at once, and not its end first.
            let mut inner = Members { rest: at.value.get(1..).ok_or(NoObject)?, comma: false, ended: false };
            while !inner.closes() {
                let member = inner.next_member().ok_or(NoObject)?;
                put_aside(member, &aside, &mut found, rind)?;
            }
            members.rest = inner.rest;
            rind.push('}');
            continue;
        }
        let member = Member { written, value: members.value().ok_or(NoObject)? };
        match within {
            Some(_) => member.write(member.value, rind),
            None => put_aside(member, &aside, &mut found, rind)?,
        }
    }
    if !members.rest.trim_start_matches(WHITE).is_empty() {
        return Err(NoObject);
    }
    rind.push('}');
    Ok(found)
}

fn put_aside<'a>(
    member: Member<'a>,
    aside: &[&str],
    found: &mut [Option<&'a str>],
    rind: &mut String,
) -> Result<(), NoObject> {
    let name = member.name()?;
    let slot = aside.iter().position(|wanted| *wanted == name).and_then(|place| found.get_mut(place));
    match slot {
        // The second of two stays, for the reader who refuses it.
        Some(slot @ None) if member.value != "null" => {
            *slot = Some(member.value);
            member.write("null", rind);
        }
        _ => member.write(member.value, rind),
    }
    Ok(())
}

/// The object with only those members that are wanted.
pub(super) fn only(json: &str, wanted: impl Fn(&str, &str) -> bool) -> Result<String, NoObject> {
    // It is cut to what was written when it is put away.
    let mut kept = String::with_capacity(json.len());
    kept.push('{');
    for member in Members::of(json)? {
        let member = member?;
        if wanted(&member.name()?, member.value) {
            member.write(member.value, &mut kept);
        }
    }
    kept.push('}');
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    fn apart(json: &str) -> Option<Vec<(String, Value)>> {
        let members = Members::of(json).ok()?.collect::<Result<Vec<_>, _>>().ok()?;
        let read = |member: &Member<'_>| {
            Some((member.name().ok()?.into_owned(), serde_json::from_str(member.value).ok()?))
        };
        members.iter().map(read).collect()
    }

    #[test]
    fn members_come_as_they_stand() {
        let json = r#" { "a" : 1 ,"b\"\u0063":{"x":"}\""}, "d":"\\" ,"e":[ ] , "f" : null } "#;
        let found = apart(json).unwrap();
        let expected = [
            ("a", json!(1)),
            ("b\"c", json!({"x": "}\""})),
            ("d", json!("\\")),
            ("e", json!([])),
            ("f", json!(null)),
        ];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!(apart("{}").unwrap(), []);
        for broken in
            ["", "[]", "{", "{,}", r#"{"a"}"#, r#"{"a":1,}"#, r#"{"a":1 "b":2}"#, r#"{a:1}"#, r#"{"a":1}x"#]
        {
            assert!(apart(broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn what_stands_aside_leaves_its_name() {
        let json = r#"{"address":"x","change":{"actions":["no-op"],"before":{"a":{"b":[1]}},"after":null},"before":2}"#;
        let mut rind = String::new();
        let found = peel(json, Some("change"), ["before", "after"], &mut rind).unwrap();
        assert_eq!(found, [Some(r#"{"a":{"b":[1]}}"#), None]);
        let change = r#"{"actions":["no-op"],"before":null,"after":null}"#;
        assert_eq!(rind, format!(r#"{{"address":"x","change":{change},"before":2}}"#));
        assert_eq!(peel(json, None, ["before"], &mut rind).unwrap(), [Some("2")]);
        // Of two the second stays where it is, so that a reader who knows the name once sees both.
        assert_eq!(peel(r#"{"a":1,"a":2}"#, None, ["a"], &mut rind).unwrap(), [Some("1")]);
        assert_eq!(rind, r#"{"a":null,"a":2}"#);
        assert_eq!(
            only(json, |name, value| name == "address" || value == "2").unwrap(),
            r#"{"address":"x","before":2}"#
        );
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a\"\\\\{}\\[\\],:\u{e9}\n]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[ab\"\\\\{}:\u{e9}]{0,3}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_sees_what_serde_sees(value in value(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let theirs = value.as_object().map(|map| map.clone().into_iter().collect::<Vec<_>>());
            prop_assert_eq!(apart(&text), theirs);
            if value.is_object() {
                let kept: Map<String, Value> = serde_json::from_str(&only(&text, |name, _| name.len() % 2 == 0).unwrap()).unwrap();
                prop_assert!(kept.keys().all(|name| name.len() % 2 == 0));
            }
        }
    }
}
