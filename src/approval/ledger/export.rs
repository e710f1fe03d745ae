//! The ledger as text, one canonical entry on each line, for those who keep a copy or read it with other programs.

use super::{Error, Head, Ledger};
use crate::approval::canonical;
use std::io::Write;

/// Writes all entries, oldest first, each as its canonical JSON and a line feed. The SHA-256 of a line without its line
/// feed is the `previous` of the line after it. The answer is the last entry written.
///
/// # Errors
/// If the ledger cannot be read, or the entries cannot be written.
pub fn export(ledger: &mut dyn Ledger, out: &mut dyn Write) -> Result<Option<Head>, Error> {
    let mut last = None;
    ledger.entries(1, &mut |entry| {
        let mut line = canonical::to_bytes(&entry)?;
        last = Some(Head::of(&entry)?);
        line.push(b'\n');
        out.write_all(&line).map_err(Error::Output)
    })?;
    out.flush().map_err(Error::Output)?;
    Ok(last)
}
