//! JSON: every string as it is, keys in the order of the contract.

use serde::Serialize;

/// The answer as pretty-printed JSON with a newline at its end. The same answer gives the same bytes.
///
/// # Errors
/// If a value cannot be written as JSON, which no type of `verdict` brings about.
pub fn json<T: Serialize>(answer: &T) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(answer)?;
    text.push('\n');
    Ok(text)
}
