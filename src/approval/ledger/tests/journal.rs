//! The journal's own file.

use super::super::{Error, Journal};
use super::{asked, at, broke_glass, ended};
use std::fs;

#[test]
fn what_was_written_is_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new/glass.ndjson");
    assert!(matches!(Journal::open(&path, false), Err(Error::Store { .. })));
    let mut journal = Journal::open(&path, true).unwrap();
    assert!(matches!(journal.append(at(1), asked("r1")), Err(Error::Journal)));
    journal.append(at(1), broke_glass("s1", "dave", "run-1")).unwrap();
    drop(journal);
    let mut journal = Journal::open(&path, false).unwrap();
    let head = journal.append(at(2), ended("run-1")).unwrap();
    assert_eq!((head.seq, journal.head()), (2, Some(head)));
    let told = Journal::open(&path, false).unwrap_err();
    assert!(told.to_string().contains("another run"), "{told}");
    drop(journal);
    let journal = Journal::open(&path, false).unwrap();
    assert_eq!(journal.entries().len(), 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}

#[test]
fn a_line_that_was_not_finished_is_dropped_and_a_changed_one_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("glass.ndjson");
    let mut journal = Journal::open(&path, true).unwrap();
    journal.append(at(1), broke_glass("s1", "dave", "run-1")).unwrap();
    journal.append(at(2), ended("run-1")).unwrap();
    drop(journal);
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, &whole.as_bytes()[..whole.len() - 10]).unwrap();
    let mut journal = Journal::open(&path, false).unwrap();
    assert_eq!(journal.entries().len(), 1);
    journal.append(at(2), ended("run-1")).unwrap();
    drop(journal);
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    let second = whole.lines().nth(1).unwrap();
    for (changed, line) in [
        (whole.replace("dave", "erin"), 2),
        (whole.replace("applied", "applied\\u0020"), 2),
        (whole.replace("dave", "\u{202e}"), 2),
        (format!("{second}\n"), 1),
        (format!("{whole}{second}\n"), 3),
        (format!("{whole}\n"), 3),
    ] {
        fs::write(&path, &changed).unwrap();
        let error = Journal::open(&path, false).unwrap_err();
        assert!(matches!(&error, Error::Altered { seq, .. } if *seq == line), "{error}: {changed}");
        assert_eq!(fs::read_to_string(&path).unwrap(), changed);
    }
}
