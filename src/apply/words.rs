//! `TF_CLI_ARGS` and its kin, split into words.
//! Source: go-shellwords, which Terraform and OpenTofu use, in several versions.

/// What the versions of the splitter read differently: some stop at it, some take it as it is, some fail.
const UNSURE: &str = "`$();&|<>";

/// The words of a variable.
///
/// # Errors
/// Why not, where versions of terraform would read other words, or none.
pub(super) fn split(text: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (Some('\''), _) => word.get_or_insert_default().push(letter),
            (_, '\\') => match letters.next() {
                None => return Err("it ends in a backslash"),
                Some('t' | 'n') => return Err("it has an escaped letter, which terraforms read differently"),
                Some(next) => word.get_or_insert_default().push(next),
            },
            (None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            (None, _) if UNSURE.contains(letter) => {
                return Err("it has a sign of the shell outside quotes, which terraforms read differently");
            }
            _ => word.get_or_insert_default().push(letter),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    words.extend(word);
    if words.iter().any(String::is_empty) {
        return Err("it has an empty word, which terraforms read differently");
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_those_of_a_shell() {
        let cases: [(&str, &[&str]); 9] = [
            ("", &[]),
            ("  \t\n ", &[]),
            ("-a -b=c", &["-a", "-b=c"]),
            ("-var 'a = b' x", &["-var", "a = b", "x"]),
            (r#"-var="a=\"b\"""#, &[r#"-var=a="b""#]),
            (r"-target=a\ b", &["-target=a b"]),
            (r"'a\b'", &[r"a\b"]),
            (r#"-target='x["y;z"]'"#, &[r#"-target=x["y;z"]"#]),
            ("-a\r\n-b", &["-a", "-b"]),
        ];
        for (text, words) in cases {
            assert_eq!(split(text).unwrap(), words, "{text}");
        }
    }

    #[test]
    fn what_is_read_differently_is_not_read() {
        let texts =
            ["a;b", "a &", "`b`", "$(x)", "$HOME", "a)", "x>y", "'open", "\"open", "end\\", "a\\tb", "'' x"];
        for text in texts {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
