//! `mainstay snapshot`.

use super::arguments::{Snapshot, SnapshotDo};
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Console};
use crate::snapshot;

/// Prints the commands that give complete files, those of one cloud if one is named.
pub(super) fn run(arguments: &Snapshot, console: &mut Console<'_>) -> Result<Exit, Error> {
    let SnapshotDo::Commands { cloud } = &arguments.what;
    // Most people call it so.
    let cloud = cloud.as_deref().map(|cloud| if cloud == "gcp" { "google" } else { cloud });
    let mut text = String::new();
    for (listing, command) in snapshot::recognised() {
        let of = listing.split_once(':').map_or(*listing, |(of, _)| of);
        if cloud.is_none_or(|cloud| cloud == of) {
            text.push_str(&format!("# {listing}\n{command}\n"));
        }
    }
    output::print(console, &text)?;
    Ok(Exit::Pass)
}
