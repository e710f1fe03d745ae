//! The text of a file as one document: JSON, or lines of which each is a JSON object (NDJSON), as some exports are.

use serde_json::Value;

/// The document of a text; of lines of objects, the list of them.
///
/// # Errors
/// What is wrong, and where.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let error = match serde_json::from_str(text) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    // Something stands behind a whole first document; anything else is no list of lines.
    let more = error.to_string().starts_with("trailing characters") && error.line() > 1;
    if !more {
        return Err(said(&error, None));
    }
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    // Only if the first line is an object by itself, the others must be, too.
    let first = lines.next().and_then(|(_, line)| serde_json::from_str::<Value>(line).ok());
    let Some(first) = first.filter(Value::is_object) else { return Err(said(&error, None)) };
    let mut rows = vec![first];
    for (number, line) in lines {
        let line_number = number.saturating_add(1);
        match serde_json::from_str::<Value>(line) {
            Ok(row) if row.is_object() => rows.push(row),
            Ok(_) => return Err(format!("line {line_number} is no JSON object, and the first one is")),
            Err(error) => return Err(said(&error, Some(line_number))),
        }
    }
    Ok(Value::Array(rows))
}

/// What serde_json says, without the value that it quotes where only the type of it is wrong; `line` is where the text
/// stands in the file, if it is a single line of it.
fn said(error: &serde_json::Error, line: Option<usize>) -> String {
    let (line, column) = (line.unwrap_or(error.line()), error.column());
    if error.is_data() {
        return format!("a value of an unexpected type at line {line} column {column}");
    }
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((what, _)) => format!("{what} at line {line} column {column}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_document_is_itself_and_lines_of_objects_are_a_list() {
        assert_eq!(parse("{\n \"a\": 1\n}\n").unwrap(), json!({"a": 1}));
        assert_eq!(parse("[{\"a\": 1}]").unwrap(), json!([{"a": 1}]));
        assert_eq!(parse("{\"a\": 1}\n\n{\"b\": 2}\r\n").unwrap(), json!([{"a": 1}, {"b": 2}]));
    }

    #[test]
    fn a_broken_line_is_an_error_with_its_place() {
        let error = parse("{\"a\": 1}\n\n{\"b\": }\n").unwrap_err();
        assert_eq!(error, "expected value at line 3 column 7");
        assert_eq!(parse("{\"a\": 1}\n[1]\n").unwrap_err(), "line 2 is no JSON object, and the first one is");
        assert!(parse("{\"a\": 1}\n{\"b\": 1").unwrap_err().contains("line 2"));
    }

    #[test]
    fn nothing_else_is_read_as_lines() {
        for text in ["{} {}", "[]x", "1\n2", "[]\n[]", "{\n}\n{\n}", "WARNING: x\n{}", "{}\nx y"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("[1,\n2]\nx").unwrap_err(), "trailing characters at line 3 column 1");
    }
}
