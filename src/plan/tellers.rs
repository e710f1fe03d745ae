//! Two threads that read batches: one beside, and the one that takes the plan apart whenever the other has enough to do.

use super::Asked;
use super::error::Error;
use super::sections::{Batch, Section, Sink};
use super::told::{Names, Piece, Teller, names};
use crate::model::joined;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};

/// Batches that wait, at most: enough that the thread beside never waits itself.
const WAITING: usize = 4;

/// A batch, by its number, with what is told of elsewhere.
struct Work {
    number: usize,
    batch: Batch,
    told: Arc<Names>,
}

/// What came of it.
struct Done {
    number: usize,
    piece: Result<Piece, Error>,
    buffers: (Vec<u8>, Vec<usize>),
}

impl Work {
    fn done(self, teller: &mut Teller<'_>) -> Done {
        let Work { number, batch, told } = self;
        let piece = teller.tell(&batch, &told);
        Done { number, piece, buffers: batch.emptied() }
    }
}

/// Lets something fill batches, and reads them meanwhile: what it says itself, and what the batches tell, in their order; of
/// several errors the first in the file.
pub(super) fn beside<T>(
    asked: Asked<'_>,
    fill: impl FnOnce(&mut dyn Sink) -> T,
) -> (T, Result<Piece, Error>) {
    let teller = || Teller::new(asked.path, asked.plan, asked.interest);
    std::thread::scope(|scope| {
        let (full, work) = sync_channel::<Work>(WAITING);
        let (report, reports) = channel();
        let reading = scope.spawn(move || {
            let mut teller = teller();
            for work in work {
                // Whoever hears no reports any more has failed, and says so itself.
                if report.send(work.done(&mut teller)).is_err() {
                    break;
                }
            }
        });
        let mut belt = Belt {
            full,
            reports,
            mine: teller(),
            handed_out: 0,
            done: Vec::new(),
            empty: Vec::new(),
            told: Arc::default(),
            section: Section::Changes,
            failed: false,
        };
        let filled = fill(&mut belt);
        let Belt { full, reports, mut done, .. } = belt;
        drop(full);
        done.extend(reports.into_iter().map(|done| (done.number, done.piece)));
        if let Err(panic) = reading.join() {
            std::panic::resume_unwind(panic);
        }
        done.sort_unstable_by_key(|(number, _)| *number);
        let pieces: Result<Vec<Piece>, Error> = done.into_iter().map(|(_, piece)| piece).collect();
        let all = |pieces: Vec<Piece>| {
            let (changes, prior) = pieces.into_iter().map(|piece| (piece.changes, piece.prior)).unzip();
            Piece { changes: joined(changes), prior: joined(prior) }
        };
        (filled, pieces.map(all))
    })
}

/// Full batches go, empty ones come back.
struct Belt<'t> {
    full: SyncSender<Work>,
    reports: Receiver<Done>,
    mine: Teller<'t>,
    /// How many batches there were.
    handed_out: usize,
    done: Vec<(usize, Result<Piece, Error>)>,
    /// Emptied buffers: so many as ever were on their way at a time.
    empty: Vec<(Vec<u8>, Vec<usize>)>,
    /// Of what the changes tell, once they are all read.
    told: Arc<Names>,
    section: Section,
    failed: bool,
}

impl Belt<'_> {
    fn hear(&mut self, done: Done) {
        self.failed |= done.piece.is_err();
        self.done.push((done.number, done.piece));
        self.empty.push(done.buffers);
    }
}

impl Sink for Belt<'_> {
    fn take(&mut self, batch: Batch) -> Option<(Vec<u8>, Vec<usize>)> {
        if batch.section != self.section {
            self.section = batch.section;
            // What values are needed of the prior state hangs on what the changes have told.
            while self.done.len() < self.handed_out {
                let done = self.reports.recv().ok()?;
                self.hear(done);
            }
            self.told = Arc::new(names(self.done.iter().filter_map(|(_, piece)| piece.as_ref().ok())));
        }
        let work = Work { number: self.handed_out, batch, told: Arc::clone(&self.told) };
        self.handed_out += 1;
        match self.full.try_send(work) {
            Ok(()) => {}
            Err(TrySendError::Full(work)) => {
                let done = work.done(&mut self.mine);
                self.hear(done);
            }
            Err(TrySendError::Disconnected(_)) => return None,
        }
        while let Ok(done) = self.reports.try_recv() {
            self.hear(done);
        }
        (!self.failed).then(|| self.empty.pop().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::{Asked, read_bytes};

    /// A plan of so many entries that both threads read; these have an address that is none.
    fn plan(many: usize, broken: &[usize]) -> Vec<u8> {
        let padding = "x".repeat(2_000);
        let entry = |number: usize| {
            let address =
                if broken.contains(&number) { "7".to_owned() } else { format!("\"t.n[{number}]\"") };
            format!(
                r#"{{"address":{address},"mode":"managed","type":"t","name":"n","change":{{"actions":["no-op"],"before":{{"p":"{padding}"}},"after":{{"p":"{padding}"}}}}}}"#
            )
        };
        let state = |number: usize| {
            format!(
                r#"{{"address":"t.n[{number}]","type":"t","values":{{"p":"{padding}"}},"depends_on":["t.o"]}}"#
            )
        };
        let list = |each: &dyn Fn(usize) -> String| (0..many).map(each).collect::<Vec<_>>().join(",");
        format!(
            r#"{{"format_version":"1.2","resource_changes":[{}],"prior_state":{{"values":{{"root_module":{{"resources":[{}]}}}}}}}}"#,
            list(&entry),
            list(&state)
        )
        .into_bytes()
    }

    #[test]
    fn what_both_threads_read_comes_in_the_order_of_the_file() {
        let plan = read_bytes(&plan(3_000, &[]), Asked::all("p.json")).unwrap();
        assert_eq!((plan.changes.len(), plan.objects.len()), (3_000, 3_000));
        for (number, object) in plan.objects.iter().enumerate() {
            assert_eq!(object.address.as_ref().unwrap().as_str(), format!("t.n[{number}]"));
            assert_eq!(object.evidence.pointer.as_ref(), format!("/resource_changes/{number}"));
            // What the prior state says besides has found its change.
            assert_eq!(object.depends_on.len(), 1);
        }
    }

    #[test]
    fn of_several_errors_the_first_in_the_file_is_told() {
        let plan = plan(3_000, &[700, 710, 2_500]);
        for _ in 0..20 {
            let error = read_bytes(&plan, Asked::all("p.json")).unwrap_err().to_string();
            assert!(error.starts_with("p.json: /resource_changes/700"), "{error}");
        }
    }
}
