//! One person goes ahead alone, end to end: real terraform, real `ssh-keygen`, a real ledger, and none.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use mainstay::approval::glass::{BreakGlass, NAMESPACE, SignedReview, Statement};

use crate::support::office::Office;
use crate::support::{program, said};
use crate::two_people::{ACCOUNTS, accounts, both_go};

const REASON: &str = "the gateway is down: INC-4711";

/// Signs as this person that they go ahead alone.
fn break_glass(office: &Office, plan: &Path, person: &str) -> Output {
    office.typing("0", &["break-glass", plan.to_str().unwrap(), "--reason", REASON], person)
}

fn apply_alone(office: &Office, plan: &Path, file: &str) -> Output {
    program::run(&mut office.trusting(&["apply", plan.to_str().unwrap(), "--break-glass", file]))
}

/// A statement as alice's, but for this, signed with that key: what the program itself would not write.
fn forge(office: &Office, name: &str, key: &str, change: impl FnOnce(&mut Statement)) {
    let bytes = fs::read(office.file("alice.break-glass")).unwrap();
    let mut statement = BreakGlass::read(&bytes).unwrap().statement;
    change(&mut statement);
    let message = office.key(&format!("{name}.message"));
    fs::write(&message, statement.message().unwrap()).unwrap();
    let output = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"])
        .arg(office.key(key))
        .arg(&message)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let signature = fs::read_to_string(office.key(&format!("{name}.message.sig"))).unwrap();
    let glass = BreakGlass { statement, signature };
    fs::write(office.file(&format!("{name}.break-glass")), glass.to_bytes().unwrap()).unwrap();
}

/// The accounts stand again, and the state is as it was before the plan was applied; gives the state that is true.
fn put_back(office: &Office, state: &[u8]) -> Vec<u8> {
    office.bed.write("accounts.tf", ACCOUNTS);
    office.bed.apply();
    fs::remove_file(office.file("accounts.tf")).unwrap();
    let now = fs::read(office.file("terraform.tfstate")).unwrap();
    fs::write(office.file("terraform.tfstate"), state).unwrap();
    now
}

fn ends_with(output: &Output, code: i32, text: &str) {
    assert_eq!(output.status.code(), Some(code), "{}", said(output));
    let all = said(output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(all.contains(text), "no `{text}` in {}", said(output));
}

#[test]
fn one_goes_ahead_alone_and_owes_a_review() {
    let Some((office, plan)) = both_go("one_goes_ahead_alone_and_owes_a_review") else { return };
    let state = fs::read(office.file("terraform.tfstate")).unwrap();

    // Who is refused learns of no way around.
    let refused = office.apply(&plan, &[]);
    ends_with(&refused, 3, "0 of 2");
    assert!(!said(&refused).contains("glass"), "{}", said(&refused));

    let signed = break_glass(&office, &plan, "alice");
    ends_with(&signed, 0, "BREAK-GLASS: alice goes ahead alone");
    ends_with(&break_glass(&office, &plan, "carol"), 1, "carol is not in group leads");
    let typed = office.typing("1", &["break-glass", plan.to_str().unwrap(), "--reason", REASON], "alice");
    ends_with(&typed, 1, "not signed");
    ends_with(&break_glass(&office, &plan, "arthur"), 0, "arthur goes ahead alone");
    ends_with(&break_glass(&office, &plan, "erin"), 0, "erin goes ahead alone");

    // What does not count lets nothing through.
    let ago = |seconds: i64| mainstay::model::Instant::from_second(now() - seconds).unwrap();
    forge(&office, "late", "alice", |it| (it.issued, it.expires) = (ago(3601), ago(1)));
    forge(&office, "long", "alice", |it| it.expires = ago(-3 * 3600));
    forge(&office, "carol", "carol", |it| it.person = "carol".to_owned());
    forge(&office, "lent", "bob", |_| ());
    forge(&office, "other", "alice", |it| it.plans = vec![mainstay::model::Digest::of(b"another")]);
    office.sign("alice", &[]);
    for (file, code, why) in [
        ("late.break-glass", 3, "it ended"),
        ("long.break-glass", 2, "longer than an hour"),
        ("carol.break-glass", 3, "carol is not in group leads"),
        ("lent.break-glass", 3, "the key is bob's"),
        ("other.break-glass", 3, "another plan"),
        ("arthur.break-glass", 3, "arthur is the only author of the change"),
        ("erin.break-glass", 3, "counted until"),
        ("alice.approval", 2, "its format is another"),
        ("nobody.break-glass", 2, "cannot be read"),
    ] {
        ends_with(&apply_alone(&office, &plan, file), code, why);
        assert_eq!(accounts(&office), 2, "{file}");
    }

    let alone = apply_alone(&office, &plan, "alice.break-glass");
    ends_with(&alone, 0, "BREAK-GLASS: alice goes ahead alone, on nobody else's word, until");
    ends_with(&alone, 0, &format!("reason {REASON}"));
    ends_with(&alone, 0, "DEBT: alice went ahead alone");
    assert_eq!(accounts(&office), 0);

    // It counts for one run.
    let now_true = put_back(&office, &state);
    ends_with(&apply_alone(&office, &plan, "alice.break-glass"), 3, "it was used already");
    assert_eq!(accounts(&office), 2);
    fs::write(office.file("terraform.tfstate"), now_true).unwrap();

    // The debt is in nobody's way who needs nobody.
    office.bed.write("accounts.tf", ACCOUNTS);
    let more =
        "resource \"azurerm_resource_group\" \"more\" {\n  name = \"more\"\n  location = \"westeurope\"\n}\n";
    office.bed.write("more.tf", more);
    office.commit("arthur", "More");
    let harmless = office.bed.plan(&[]);
    let passed = office.apply(&harmless, &[]);
    ends_with(&passed, 0, "alice broke the glass on");
    assert_eq!(office.bed.cloud().list("azurerm_resource_group").len(), 2);

    // It is in the way of all others, until somebody else has reviewed it.
    fs::remove_file(office.file("accounts.tf")).unwrap();
    office.commit("arthur", "Remove them again");
    let again = office.bed.plan(&[]);
    office.ask(&again, "rita");
    office.sign("alice", &[]);
    office.sign("bob", &[]);
    ends_with(&office.apply(&again, &["alice", "bob"]), 3, "no second person has reviewed that yet");
    ends_with(
        &office.typing("", &["review", "alice.break-glass"], "alice"),
        1,
        "a second person must look at it",
    );
    ends_with(&office.apply(&again, &["alice", "bob"]), 3, "no second person has reviewed that yet");
    assert_eq!(accounts(&office), 2);
    let list = office.mainstay(&["ledger", "list"]);
    ends_with(&list, 0, "open: alice broke the glass on");
    ends_with(&list, 0, REASON);
    let review = office.typing("", &["review", "alice.break-glass", "--note", "seen"], "bob");
    ends_with(&review, 0, "the apply ends: applied");
    let review = SignedReview::read(&fs::read(office.file("bob.review")).unwrap()).unwrap().review;
    assert_eq!(
        (review.reviewer.as_str(), review.note.as_deref(), review.runs.len()),
        ("bob", Some("seen"), 1)
    );
    assert!(!said(&office.mainstay(&["ledger", "list"])).contains("open:"));
    ends_with(&office.typing("", &["review", "alice.break-glass"], "carol"), 2, "no open debt");
    ends_with(&office.apply(&again, &["alice", "bob"]), 0, "approved by alice, bob");
    assert_eq!(accounts(&office), 0);
    ends_with(&office.mainstay(&["ledger", "verify"]), 0, "whole");
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

#[test]
fn a_no_is_a_no_to_who_goes_alone_too() {
    let Some((office, plan)) = both_go("a_no_is_a_no_to_who_goes_alone_too") else { return };
    office.sign("carol", &["--reject"]);
    ends_with(&break_glass(&office, &plan, "alice"), 0, "BREAK-GLASS");
    ends_with(&apply_alone(&office, &plan, "alice.break-glass"), 3, "carol has said no to this plan");
    assert_eq!(accounts(&office), 2);
}

#[test]
fn without_a_ledger_it_is_kept_until_there_is_one() {
    let Some((office, plan)) = both_go("without_a_ledger_it_is_kept_until_there_is_one") else { return };
    let state = fs::read(office.file("terraform.tfstate")).unwrap();
    office.sign("carol", &[]);
    office.sign("bob", &[]);
    // Nothing listens there.
    office.bed.set("MAINSTAY_LEDGER", "postgres://mainstay@127.0.0.1:1/ledger");
    let approved = office.apply(&plan, &["carol", "bob"]);
    assert_eq!(approved.status.code(), Some(2), "{}", said(&approved));
    assert!(!said(&approved).contains("glass"), "{}", said(&approved));
    assert_eq!(accounts(&office), 2);

    ends_with(&break_glass(&office, &plan, "alice"), 0, "BREAK-GLASS");
    let alone = apply_alone(&office, &plan, "alice.break-glass");
    ends_with(&alone, 0, "LEDGER NOT REACHED");
    ends_with(&alone, 0, "DEBT: alice went ahead alone");
    assert_eq!(accounts(&office), 0);
    let journal = fs::read_to_string(office.file(".mainstay/break-glass.journal")).unwrap();
    assert_eq!(journal.lines().count(), 2, "{journal}");
    // The same statement does not count again here either.
    put_back(&office, &state);
    ends_with(&apply_alone(&office, &plan, "alice.break-glass"), 3, "it was used already");
    assert_eq!(accounts(&office), 2);

    // The next run that reaches the ledger loads it, once.
    office.bed.unset("MAINSTAY_LEDGER");
    ends_with(&office.apply(&plan, &["carol", "bob"]), 3, "alice broke the glass on");
    assert_eq!(accounts(&office), 2);
    let list = office.mainstay(&["ledger", "list"]);
    ends_with(&list, 0, "the apply ends: applied");
    let entries = |output: &Output| said(output).matches("alice breaks the glass").count();
    assert_eq!((entries(&list), entries(&office.mainstay(&["ledger", "list"]))), (1, 1));
    // The file may be gone by then.
    let text = said(&list);
    let short = text.split("mainstay review ").nth(1).unwrap().split_whitespace().next().unwrap();
    fs::remove_file(office.file("alice.break-glass")).unwrap();
    ends_with(&office.typing("", &["review", short.get(..7).unwrap()], "bob"), 2, "no open debt");
    ends_with(&office.typing("", &["review", short], "bob"), 0, "bob has reviewed it");
    ends_with(&office.apply(&plan, &["carol", "bob"]), 0, "approved by");
    assert_eq!(accounts(&office), 0);

    // A journal that was changed is told, and nothing goes on as if it were not there.
    fs::write(office.file(".mainstay/break-glass.journal"), journal.replace("INC-4711", "INC-4712")).unwrap();
    ends_with(&office.mainstay(&["ledger", "list"]), 2, "the journal was changed");
}
