//! The digest of a plan's bytes: worked out on a thread of its own while they are read, as it takes longer than the rest.

use super::feed::Broken;
use crate::model::hex;
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Of these bytes, in lower-case hexadecimal.
pub(super) fn of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Runs `read` over the input, and gives the digest of all of it beside, if that is asked for. `skipped` is how many of
/// the first bytes, a byte order mark, `read` does not see.
pub(super) fn beside<R: Read, T>(
    skipped: Option<u64>,
    input: R,
    read: impl FnOnce(&mut dyn Read) -> Result<T, Broken>,
) -> Result<(T, Option<String>), Broken> {
    let mut input = input;
    let Some(skipped) = skipped else { return Ok((read(&mut input)?, None)) };
    std::thread::scope(|scope| {
        let (full, pieces) = sync_channel::<Vec<u8>>(PIECES);
        let (emptied, empties) = sync_channel(PIECES + 1);
        let hashing = scope.spawn(move || {
            let mut digest = Sha256::new();
            if skipped == 3 {
                digest.update(b"\xEF\xBB\xBF");
            }
            for mut piece in pieces {
                digest.update(&piece);
                piece.clear();
                let _ = emptied.try_send(piece);
            }
            hex(&digest.finalize())
        });
        let mut tee = Tee { input, full, empties };
        let told = read(&mut tee)?;
        // What follows the document is part of the file.
        io::copy(&mut tee, &mut io::sink())?;
        drop(tee);
        let sha256 = hashing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((told, Some(sha256)))
    })
}

/// Pieces on their way, at most.
const PIECES: usize = 16;

/// Hands on a copy of all that is read.
struct Tee<R> {
    input: R,
    full: SyncSender<Vec<u8>>,
    empties: Receiver<Vec<u8>>,
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(into)?;
        let mut piece = self.empties.try_recv().unwrap_or_default();
        piece.extend_from_slice(into.get(..count).unwrap_or_default());
        // The other end is there as long as this one is.
        let _ = self.full.send(piece);
        Ok(count)
    }
}
