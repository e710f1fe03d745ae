//! What only a server can get wrong.

use super::super::postgres::{FORMS, Postgres};
use super::super::{Error, Ledger, append_role_sql, open};
use super::place::{OnServer, Place};
use super::{a_whole_story, asked, at, used};
use std::path::Path;

#[test]
fn a_role_that_may_only_insert_and_select_is_enough() {
    let Some(place) = OnServer::new("append_role") else { return };
    let mut owner = place.open(true).unwrap();
    a_whole_story(&mut *owner);
    place.sql(append_role_sql()).unwrap();
    let url = place.url("mainstay_append");
    for create in [false, true] {
        let ledger = open(&url, Path::new("/"), at(0), create).unwrap();
        assert_eq!(ledger.id(), owner.id());
    }
    let mut ledger = open(&url, Path::new("/"), at(0), true).unwrap();
    ledger.append(at(9), asked("r2")).unwrap();
    ledger.append(at(9), used("r2", &["r2 alice"], "run-2")).unwrap();
    let twice = ledger.append(at(9), used("r2", &["r2 alice"], "run-2"));
    assert!(matches!(twice, Err(Error::Used { seq: 8, .. })));
    let head = ledger.head().unwrap();
    assert_eq!(ledger.verify(Some(&head)).unwrap().entries, 8);
    for change in [
        "UPDATE mainstay.entries SET entry = 'x'",
        "DELETE FROM mainstay.entries",
        "DELETE FROM mainstay.used",
        "UPDATE mainstay.used SET seq = 1",
        "TRUNCATE mainstay.used",
        "INSERT INTO mainstay.version VALUES (9)",
        "ALTER TABLE mainstay.entries DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP SCHEMA mainstay CASCADE",
        "CREATE TABLE mainstay.other ()",
    ] {
        let said = place.sql(&format!("SET ROLE mainstay_append; {change}")).unwrap_err();
        assert!(said.contains("permission denied") || said.contains("must be owner"), "{change}: {said}");
    }
    // A newer mainstay needs the owner once, and says so.
    let newer: Vec<&str> = FORMS.iter().copied().chain(["CREATE TABLE mainstay.more (x text);"]).collect();
    let error = Postgres::open_in_form(place.server("mainstay_append"), at(0), true, &newer).err().unwrap();
    assert!(matches!(error, Error::Older { found: 1, known: 2, .. }), "{error}");
    assert_eq!(ledger.verify(Some(&head)).unwrap().entries, 8);
}

#[test]
fn a_role_without_rights_is_told_what_it_needs() {
    let Some(place) = OnServer::new("no_rights") else { return };
    place.sql("CREATE ROLE stranger LOGIN").unwrap();
    let url = place.url("stranger");
    let told = |create| open(&url, Path::new("/"), at(0), create).err().unwrap().to_string();
    assert!(told(false).contains("there is no ledger"), "{}", told(false));
    assert!(told(true).contains("CREATE on the database"), "{}", told(true));
    place.open(true).unwrap();
    assert!(told(false).contains("USAGE on the schema"), "{}", told(false));
}

#[test]
fn an_older_form_is_brought_up_and_a_newer_one_refused() {
    let Some(place) = OnServer::new("forms") else { return };
    let mut ledger = place.open(true).unwrap();
    a_whole_story(&mut *ledger);
    let head = ledger.head().unwrap();
    let newer: Vec<&str> = FORMS.iter().copied().chain(["CREATE TABLE mainstay.more (x text);"]).collect();
    let mut after = Postgres::open_in_form(place.server("owner"), at(0), false, &newer).unwrap();
    assert_eq!(after.append(at(9), asked("r2")).unwrap().seq, 7);
    assert!(after.verify(Some(&head)).is_ok());
    let error = place.open(true).err().unwrap();
    assert!(matches!(error, Error::Newer { found: 2, known: 1, .. }), "{error}");
}

#[test]
fn another_schema_of_that_name_is_left_alone() {
    let Some(place) = OnServer::new("foreign_schema") else { return };
    place.sql("CREATE SCHEMA mainstay; CREATE TABLE mainstay.entries (x text)").unwrap();
    for create in [false, true] {
        assert!(matches!(place.open(create), Err(Error::Foreign { .. })));
    }
    place.sql("INSERT INTO mainstay.entries VALUES ('x')").unwrap();
}

#[test]
fn a_lost_connection_is_made_anew_to_the_same_ledger_only() {
    let Some(place) = OnServer::new("reconnect") else { return };
    let mut ledger = place.open(true).unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE application_name = 'mainstay' AND datname = current_database() AND pid <> pg_backend_pid()";
    a_whole_story(&mut *ledger);
    place.sql(cut).unwrap();
    assert_eq!(ledger.append(at(9), asked("r2")).unwrap().seq, 7);
    place.sql(cut).unwrap();
    place.sql("DROP SCHEMA mainstay CASCADE").unwrap();
    drop(place.open(true).unwrap());
    assert!(matches!(ledger.append(at(10), asked("r3")), Err(Error::Another { .. })));
}

#[test]
fn a_default_that_would_miss_what_others_wrote_is_overruled() {
    let Some(place) = OnServer::new("serializable") else { return };
    place.open(true).unwrap();
    place.sql("ALTER DATABASE serializable SET default_transaction_isolation = 'serializable'").unwrap();
    super::suite::appenders_that_race_make_one_chain(&place);
}

#[test]
fn no_server_is_told_without_the_password() {
    let url = "postgres://carol:hunter2@127.0.0.1:1/ledger";
    let told = open(url, Path::new("/"), at(0), true).err().unwrap();
    assert!(told.to_string().starts_with("postgres://127.0.0.1:1/ledger: "), "{told}");
    assert!(!format!("{told} {told:?}").contains("hunter2"));
}

#[test]
fn a_password_is_proved_and_never_sent() {
    let Some(place) = OnServer::new("scram_login") else { return };
    OnServer::new("cleartext_login").unwrap();
    place
        .sql("CREATE ROLE pat LOGIN PASSWORD 'hun/ter2'; GRANT CREATE ON DATABASE scram_login TO pat")
        .unwrap();
    let told = |login: &str, database: &str| {
        let url = place.url(login).replace("scram_login", database);
        open(&url, Path::new("/"), at(0), true).map(drop).map_err(|error| error.to_string())
    };
    told("pat:hun%2Fter2", "scram_login").unwrap();
    for (login, database, expected) in [
        ("pat:hunter3", "scram_login", "password authentication failed"),
        ("pat", "scram_login", "the address has none"),
        ("pat:h%C3%BCnter2", "scram_login", "ASCII"),
        ("pat:hun%2Fter2", "cleartext_login", "would give it away"),
        ("pat:hun%2Fter2", "nowhere", "does not exist"),
        ("nobody", "nowhere", "does not exist"),
    ] {
        let told = told(login, database).unwrap_err();
        assert!(told.contains(expected) && !told.contains("ter2"), "{told}");
    }
}
