//! Addresses and reference strings, taken apart. Keys may hold dots, quotes and brackets, so nothing here splits on dots.

/// A piece of an address or a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token<'a> {
    /// A word between dots.
    Name(&'a str),
    /// What stands between brackets, quotes included: `0`, `"a.b"`, `*`.
    Key(&'a str),
}

/// The pieces; what does not fit the form ends the list.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(inner) = rest.strip_prefix('[') {
            let Some((key, after)) = key_end(inner).and_then(|end| inner.split_at_checked(end)) else {
                break;
            };
            found.push(Token::Key(key));
            rest = after.strip_prefix(']').unwrap_or(after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let Some((name, after)) = rest.split_at_checked(end) else { break };
            if name.is_empty() {
                break;
            }
            found.push(Token::Name(name));
            rest = after;
        }
    }
    found
}

/// Where the bracket closes: outside quotes.
fn key_end(inner: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (index, letter) in inner.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return Some(index),
            _ => {}
        }
    }
    None
}

/// A step into a module: its name and the key of the instance.
pub(super) type Step = (String, Option<String>);

/// A resource instance by its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instance {
    /// The modules on the way, from the root.
    pub modules: Vec<Step>,
    /// `type.name`, with `data.` or `ephemeral.` before it if it is one.
    pub resource: String,
    /// The instance's key.
    pub key: Option<String>,
}

impl Instance {
    /// Takes an address apart; `None` if it has no resource.
    pub(super) fn parse(address: &str) -> Option<Instance> {
        let tokens = tokens(address);
        let mut rest = tokens.as_slice();
        let mut modules = Vec::new();
        while let [Token::Name("module"), Token::Name(name), after @ ..] = rest {
            rest = after;
            let mut key = None;
            if let [Token::Key(text), after @ ..] = rest {
                key = Some((*text).to_owned());
                rest = after;
            }
            modules.push(((*name).to_owned(), key));
        }
        let (resource, rest) = resource(rest)?;
        let key = match rest.first() {
            Some(Token::Key(text)) => Some((*text).to_owned()),
            _ => None,
        };
        Some(Instance { modules, resource, key })
    }

    /// The address in the configuration: without any key.
    pub(super) fn resource_address(&self) -> String {
        resource_address(self.modules.iter().map(|(name, _)| name.as_str()), &self.resource)
    }

    /// Whether it is a data source.
    pub(super) fn is_data(&self) -> bool {
        self.resource.starts_with("data.")
    }

    /// The resource's type.
    pub(super) fn kind(&self) -> &str {
        let names = self.resource.strip_prefix("data.").unwrap_or(&self.resource);
        names.split('.').next().unwrap_or(names)
    }
}

/// `module.a.module.b.type.name`.
pub(super) fn resource_address<'a>(modules: impl Iterator<Item = &'a str>, resource: &str) -> String {
    let mut address = String::new();
    for name in modules {
        address.push_str("module.");
        address.push_str(name);
        address.push('.');
    }
    address.push_str(resource);
    address
}

/// `type.name` or `data.type.name` at the front, and what follows it.
pub(super) fn resource<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<(String, &'t [Token<'a>])> {
    match tokens {
        [Token::Name(mode @ ("data" | "ephemeral")), Token::Name(kind), Token::Name(name), rest @ ..] => {
            Some((format!("{mode}.{kind}.{name}"), rest))
        }
        [Token::Name(kind), Token::Name(name), rest @ ..] => Some((format!("{kind}.{name}"), rest)),
        _ => None,
    }
}

/// The path of an attribute as written in [`crate::model::Reference`]: `identity.0.principal_id`.
pub(super) fn attribute(tokens: &[Token<'_>]) -> Option<String> {
    let steps: Vec<&str> = tokens
        .iter()
        .map(|token| match token {
            Token::Name(name) => name,
            Token::Key(key) => key.trim_matches('"'),
        })
        .collect();
    (!steps.is_empty()).then(|| steps.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_hold_anything() {
        let instance = Instance::parse(r#"module.f["b.c]\"x"].module.g[0].data.t.n["]["]"#).unwrap();
        assert_eq!(instance.modules[0], ("f".to_owned(), Some(r#""b.c]\"x""#.to_owned())));
        assert_eq!(instance.modules[1], ("g".to_owned(), Some("0".to_owned())));
        assert_eq!(instance.resource, "data.t.n");
        assert_eq!(instance.key.as_deref(), Some(r#""][""#));
        assert_eq!(instance.resource_address(), "module.f.module.g.data.t.n");
        assert!(instance.is_data());
        assert_eq!(instance.kind(), "t");
    }

    #[test]
    fn what_is_no_address_gives_none() {
        for text in ["", "module.a", "x", "[", "a[0", "..", "module.a[\"", "data.x"] {
            let parsed = Instance::parse(text);
            assert!(parsed.is_none() || text == "data.x", "{text}: {parsed:?}");
        }
    }

    #[test]
    fn attributes_keep_their_indices() {
        let all = tokens(r#"t.n[0].identity[0].ids["a"]"#);
        assert_eq!(attribute(&all[3..]).as_deref(), Some("identity.0.ids.a"));
    }
}
