//! Which formats there are, and how they are asked for.

use crate::model::did_you_mean;
use std::path::PathBuf;
use std::str::FromStr;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Formats that a command knows.
pub trait Known: Copy + 'static {
    /// All of them, by name.
    const ALL: &'static [(&'static str, Self)];
}

impl Known for Format {
    const ALL: &'static [(&'static str, Format)] = &[("text", Format::Text), ("json", Format::Json)];
}

/// How a forecast is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForecastFormat {
    /// As other answers are.
    Plain(Format),
    /// For calendars: iCalendar.
    Calendar,
}

impl Known for ForecastFormat {
    const ALL: &'static [(&'static str, ForecastFormat)] = &[
        ("text", ForecastFormat::Plain(Format::Text)),
        ("json", ForecastFormat::Plain(Format::Json)),
        ("ics", ForecastFormat::Calendar),
    ];
}

/// A format that is asked for in a way that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// No such format.
    #[error("unknown format `{given}`{hint}; known are {known}")]
    Unknown {
        /// As given.
        given: String,
        /// The nearest one.
        hint: String,
        /// All of them.
        known: String,
    },
    /// `json=`.
    #[error("`{0}=` names no file; write `{0}=FILE`, or `{0}` for standard output")]
    NoFile(String),
}

fn named<F: Known>(text: &str) -> Result<F, FormatError> {
    let names = || F::ALL.iter().map(|(name, _)| *name);
    F::ALL.iter().find(|(name, _)| *name == text).map(|(_, format)| *format).ok_or_else(|| {
        FormatError::Unknown {
            given: text.to_owned(),
            hint: did_you_mean(text, names()).trim_end_matches('?').to_owned(),
            known: names().collect::<Vec<_>>().join(", "),
        }
    })
}

/// A format and where it goes: `text`, `json`, `json=FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatTo<F = Format> {
    /// The format.
    pub format: F,
    /// The file; `None`: standard output.
    pub file: Option<PathBuf>,
}

impl<F: Known> FromStr for FormatTo<F> {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<FormatTo<F>, FormatError> {
        let Some((format, file)) = text.split_once('=') else {
            return Ok(FormatTo { format: named(text)?, file: None });
        };
        let parsed = named(format)?;
        if file.is_empty() {
            return Err(FormatError::NoFile(format.to_owned()));
        }
        Ok(FormatTo { format: parsed, file: Some(PathBuf::from(file)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_go_to_standard_output_or_to_a_file() {
        let parse = |text: &str| text.parse::<FormatTo>();
        assert_eq!(parse("text"), Ok(FormatTo { format: Format::Text, file: None }));
        assert_eq!(parse("json"), Ok(FormatTo { format: Format::Json, file: None }));
        let file = Some(PathBuf::from("a=b.json"));
        assert_eq!(parse("json=a=b.json"), Ok(FormatTo { format: Format::Json, file }));
    }

    #[test]
    fn a_wrong_format_is_told_what_there_is() {
        let message = |text: &str| text.parse::<FormatTo>().unwrap_err().to_string();
        assert_eq!(message("jsn"), "unknown format `jsn`, did you mean `json`; known are text, json");
        assert_eq!(message("sarif=x"), "unknown format `sarif`; known are text, json");
        assert_eq!(
            message("json="),
            "`json=` names no file; write `json=FILE`, or `json` for standard output"
        );
        let wrong = "isc=x".parse::<FormatTo<ForecastFormat>>().unwrap_err().to_string();
        assert_eq!(wrong, "unknown format `isc`, did you mean `ics`; known are text, json, ics");
    }
}
