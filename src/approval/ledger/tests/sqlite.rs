//! What only a file can get wrong.

use super::super::sqlite::{FORMS, Sqlite};
use super::super::{Error, Ledger, open};
use super::place::{InFile, Place};
use super::{a_whole_story, asked, at};
use std::fs;

#[test]
fn the_file_is_its_owners_only_and_is_made_in_one_step() {
    let place = InFile::new();
    let mut ledger = place.open(true).unwrap();
    a_whole_story(&mut *ledger);
    drop(ledger);
    let left: Vec<_> = fs::read_dir(place.path().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["ledger.db"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&place.path()), mode(place.path().parent().unwrap())), (0o600, 0o700));
    }
}

#[test]
fn what_is_no_ledger_is_refused_and_left_as_it_is() {
    let place = InFile::new();
    drop(place.open(true).unwrap());
    let good = fs::read(place.path()).unwrap();
    let other = place.directory().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE entries (x)").unwrap();
    let mut renamed = good.clone();
    renamed[68] = 0;
    let mut hollow = fs::read(&other).unwrap();
    hollow[68..72].copy_from_slice(b"mnst");
    let foreign = [
        b"".to_vec(),
        b"SQLite format 3\0".to_vec(),
        b"name,udid\n".repeat(40),
        fs::read(&other).unwrap(),
        renamed,
        hollow,
    ];
    for (number, bytes) in foreign.into_iter().enumerate() {
        fs::write(place.path(), &bytes).unwrap();
        for create in [false, true] {
            let error = place.open(create).err().unwrap();
            assert!(matches!(error, Error::Foreign { .. }), "{number}: {error}");
        }
        assert_eq!(fs::read(place.path()).unwrap(), bytes, "{number}");
    }
    // A ledger with holes, or cut short.
    let mut holed = good.clone();
    holed[4096..8192].fill(0xAA);
    for bytes in [holed, good[..4096].to_vec(), good[..5000].to_vec()] {
        fs::write(place.path(), &bytes).unwrap();
        let told = place.open(true).and_then(|mut ledger| ledger.verify(None)).unwrap_err();
        assert!(matches!(told, Error::Store { .. } | Error::Foreign { .. } | Error::Broken(_)), "{told}");
        assert_eq!(fs::read(place.path()).unwrap(), bytes);
    }
    assert!(matches!(open("sqlite:.", place.directory(), at(0), true), Err(Error::Store { .. })));
}

#[test]
fn an_older_form_is_brought_up_and_a_newer_one_refused() {
    let place = InFile::new();
    let mut ledger = place.open(true).unwrap();
    a_whole_story(&mut *ledger);
    let head = ledger.head().unwrap();
    let newer: Vec<&str> = FORMS.iter().copied().chain(["CREATE TABLE more (x TEXT) STRICT;"]).collect();
    let mut after = Sqlite::open_in_form(&place.path(), at(0), false, &newer).unwrap();
    assert_eq!(after.append(at(9), asked("r2")).unwrap().seq, 7);
    assert!(after.verify(Some(&head)).is_ok());
    drop((after, ledger));
    let bytes = fs::read(place.path()).unwrap();
    let error = place.open(true).err().unwrap();
    assert!(matches!(error, Error::Newer { found: 2, known: 1, .. }), "{error}");
    assert_eq!(fs::read(place.path()).unwrap(), bytes);
    Sqlite::open_in_form(&place.path(), at(0), false, &newer).unwrap().verify(Some(&head)).unwrap();
}

#[test]
fn text_that_is_none_is_found_broken() {
    for change in [
        "UPDATE entries SET entry = CAST(x'ff' AS TEXT) WHERE seq = 5",
        "UPDATE entries SET hash = CAST(x'ff' AS TEXT) WHERE seq = 5",
        "UPDATE used SET key = CAST(x'ff' AS TEXT) WHERE key = (SELECT max(key) FROM used)",
    ] {
        let place = InFile::new();
        let mut ledger = place.open(true).unwrap();
        a_whole_story(&mut *ledger);
        place.tamper(change);
        let told = ledger.verify(None).unwrap_err();
        assert!(matches!(&told, Error::Broken(broken) if broken.seq == 5), "{told}");
    }
}

#[test]
#[cfg(unix)]
fn who_may_only_read_can_look_and_not_write() {
    let place = InFile::new();
    a_whole_story(&mut *place.open(true).unwrap());
    // Root may write whatever the mode says, so the file is opened as it would be for others.
    let uri = format!("file:{}?mode=ro", place.path().display());
    let connection = rusqlite::Connection::open(uri).unwrap();
    assert!(connection.execute("INSERT INTO used (key, seq) VALUES ('x', 1)", []).is_err());
    let url = format!("sqlite:{}", place.path().display());
    assert_eq!(open(&url, std::path::Path::new("/elsewhere"), at(0), false).unwrap().head().unwrap().seq, 6);
}
