//! `check` without a plan judges what stands, at its full level; and what `[mode] advise` makes of verdicts.

use std::fs;
use std::process::Output;

use serde_json::{Value as Json, json};

use crate::support::said;
use crate::support::story::{Judged, NOW, Story};

/// Three days after the apply, when the role assignment is gone and nobody has noticed.
const LATER: &str = "2023-09-25T12:00:00Z";
const ASSIGNMENTS: &str = "snapshots/role-assignments.json";

fn aftermath() -> Story {
    Story::of("mender-2023/aftermath")
}

fn configuration(story: &Story) -> String {
    fs::read_to_string(story.path().join("mainstay.toml")).unwrap()
}

fn append(story: &Story, text: &str) {
    story.write("mainstay.toml", &format!("{}\n{text}", configuration(story)));
}

fn replace(story: &Story, this: &str, by: &str) {
    story.write("mainstay.toml", &configuration(story).replace(this, by));
}

fn run(story: &Story, now: &str, more: &[&str]) -> Output {
    story.run(&[&["check", "--now", now], more].concat())
}

fn stands(story: &Story, now: &str) -> Judged {
    Judged::of(&run(story, now, &["--format", "json"]))
}

fn text(story: &Story, now: &str) -> String {
    String::from_utf8(run(story, now, &[]).stdout).unwrap()
}

/// What is done to a story.
type Change<'a> = &'a dyn Fn(&Story);

/// What is done to the aftermath, and what comes of it: code, verdict, the loudest finding as rule, level, certainty.
type Case<'a> = (&'a str, Change<'a>, i32, &'a str, Option<(&'a str, &'a str, &'a str)>);

#[test]
fn what_stands_is_judged_at_its_full_level() {
    let ends = Some(("breaks-workload", "approval", "certain"));
    let doubt = Some(("breaks-workload", "approval", "possible"));
    let name = Some(("unmatched-name", "warn", "certain"));
    let granted = |story: &Story| {
        fs::copy(Story::mender().path().join(ASSIGNMENTS), story.path().join(ASSIGNMENTS)).unwrap();
    };
    let well = |story: &Story| {
        granted(story);
        story.edit_object("Certificate", "gateway-tls", |certificate| {
            certificate["status"]["notBefore"] = json!("2023-09-23T15:04:00Z");
            certificate["status"]["notAfter"] = json!("2023-12-22T15:04:00Z");
            certificate["status"]["renewalTime"] = json!("2023-12-07T15:04:00Z");
        });
    };
    let gone = |story: &Story, file: &str| {
        story.list_each().remove(file);
    };
    let typo = "[[workload]]\nname = \"api\"\nmatch = [\"kubernetes:Deploymnt/prod/api\"]\n";
    let strict = "[rules.unmatched-name]\nlevel = \"approval\"\n";
    let waiver = "[[waiver]]\nrule = \"breaks-workload\"\nsubject = \"kubernetes:Certificate/*\"\nreason = \"known\"\n\
                  owner = \"a\"\nexpires = \"2023-12-31\"\n";
    let cases: &[Case<'_>] = &[
        ("a certificate that nothing renews", &|_| (), 3, "approval", ends),
        ("nothing is wrong", &well, 0, "pass", None),
        (
            "it could be renewed, was due two days ago, and was not",
            &granted,
            3,
            "approval",
            Some(("expiring-in-use", "approval", "possible")),
        ),
        ("somebody answers for it", &|story| append(story, waiver), 0, "pass", None),
        (
            "refused by policy",
            &|story| append(story, "[rules.breaks-workload]\nlevel = \"deny\"\n"),
            1,
            "deny",
            Some(("breaks-workload", "deny", "certain")),
        ),
        (
            "a normal workload",
            &|story| replace(story, "\"critical\"", "\"normal\""),
            0,
            "warn",
            Some(("breaks-workload", "warn", "certain")),
        ),
        (
            "a name with a slip",
            &|story| {
                well(story);
                append(story, typo)
            },
            0,
            "warn",
            name,
        ),
        (
            "names are taken seriously",
            &|story| {
                well(story);
                append(story, &format!("{typo}{strict}"))
            },
            3,
            "approval",
            Some(("unmatched-name", "approval", "certain")),
        ),
        (
            "nobody lists the grants any more",
            &|story| {
                well(story);
                gone(story, ASSIGNMENTS)
            },
            4,
            "undetermined",
            doubt,
        ),
        (
            "nobody tells of the workload",
            &|story| {
                well(story);
                gone(story, "snapshots/cluster.json")
            },
            4,
            "undetermined",
            name,
        ),
        (
            "all that is listed is gone",
            &|story| {
                story.list_each();
                fs::remove_dir_all(story.path().join("snapshots")).unwrap();
            },
            4,
            "undetermined",
            name,
        ),
        (
            "all snapshots are too old",
            &|story| {
                well(story);
                replace(story, "snapshots =", "max_snapshot_age = \"1h\"\nsnapshots =");
            },
            4,
            "undetermined",
            doubt,
        ),
    ];
    for (case, change, code, verdict, loudest) in cases {
        let story = aftermath();
        change(&story);
        let judged = stands(&story, LATER);
        let report = format!("{case}: {:#}", judged.report);
        assert_eq!((judged.code, judged.report["verdict"].as_str().unwrap()), (*code, *verdict), "{report}");
        assert_eq!(judged.report["plans"], json!([]), "{case}");
        assert_eq!(judged.report["examined"]["changes"], 0, "{case}");
        assert!(judged.findings().iter().all(|one| one["cause"] == "standing"), "{report}");
        let loud = judged.findings().iter().find(|one| one["level"] != "note");
        let told = loud.map(|one| ["rule", "level", "certainty"].map(|key| one[key].as_str().unwrap()));
        assert_eq!(told, loudest.map(|(rule, level, certainty)| [rule, level, certainty]), "{report}");
        if *code == 4 {
            assert!(!judged.reasons().is_empty(), "{report}");
        }
        // With the plan that mends it the same things are warnings at most, and never hold it back.
        if *code == 3 {
            let with_plan =
                Judged::of(&story.run(&["check", "plan.json", "--now", LATER, "--format", "json"]));
            let own = with_plan.findings().iter().filter(|one| one["cause"] == "standing");
            assert!(own.clone().all(|one| one["level"] == "warn" || one["level"] == "note"), "{case}");
            assert!(own.count() > 0, "{case}: {:#}", with_plan.report);
        }
    }
}

#[test]
fn what_is_down_already_waits_for_nothing() {
    let story = aftermath();
    for file in ["cluster", "identities", "role-assignments", "role-definitions"] {
        story.edit(&format!("snapshots/{file}.json.meta.json"), |meta| {
            meta["taken_at"] = json!("2023-10-30T10:00:00Z");
        });
    }
    let now = "2023-11-01T12:00:00Z";
    let judged = stands(&story, now);
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    let affected = &judged.findings()[0]["affects"][0];
    assert_eq!(affected["until"]["possible"], "never");
    assert_eq!((affected.get("trigger"), affected.get("breaks_at")), (None, None), "{affected:#}");
    assert!(text(&story, now).contains("it does not hold now\n"));
    // Nor does it wait for the plan that mends it.
    let output = story.run(&["check", "plan.json", "--now", now]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("; it does not hold now\n") && told.contains("this plan mends it"), "{told}");
}

#[test]
fn the_chain_of_a_doubt_leads_to_what_is_missing() {
    let story = aftermath();
    story.list_each().remove(ASSIGNMENTS);
    let judged = stands(&story, LATER);
    let finding = &judged.findings()[0];
    assert_eq!(finding["title"], "hosted product may not hold, and the input that would tell is missing");
    judged.assert_reason(ASSIGNMENTS).assert_reason("az role assignment list");
    let path = finding["path"].as_array().unwrap();
    assert_eq!(path.first().unwrap()["node"], "kubernetes:Ingress/prod/gateway");
    let last = path.last().unwrap();
    assert!(last["node"].as_str().unwrap().ends_with("userassignedidentities/cert-manager"), "{path:#?}");
    assert!(last["because"].as_str().unwrap().contains(ASSIGNMENTS), "{path:#?}");
    // Nobody who is not rated holds up a nightly job.
    story.write("mainstay.toml", configuration(&story).split("[[workload]]").next().unwrap());
    assert_eq!(stands(&story, LATER).code, 0);
}

#[test]
fn the_text_speaks_of_no_plan() {
    let unsure = aftermath();
    unsure.list_each().remove(ASSIGNMENTS);
    let cases = [
        (aftermath(), LATER, "approval level, 1 finding to mend or to waive"),
        (unsure, LATER, "undetermined: give the missing input"),
        (Story::mender(), NOW, "pass"),
    ];
    for (story, now, verdict) in cases {
        let text = text(&story, now);
        let looked = "no plan · 4 sources, newest 2 h old · 4 workloads";
        assert!(text.ends_with(&format!("verdict: {verdict}      {looked}\n")), "{text}");
        assert!(text.contains("plan           none given: what stands is judged\n"), "{text}");
        for word in ["this plan", "apply", "0 changes", "changes", "approvals needed"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
}

#[test]
fn without_anything_to_judge_there_is_no_verdict() {
    let cases: [(&str, Change<'_>, &str); 4] = [
        (
            "nothing at all",
            &|story| {
                story.remove("mainstay.toml");
            },
            "give a plan, or snapshots",
        ),
        (
            "no snapshot is listed",
            &|story| {
                story.write("mainstay.toml", "[mode]\nadvise = true\n");
            },
            "give a plan, or snapshots",
        ),
        (
            "the folder is empty",
            &|story| {
                fs::remove_dir_all(story.path().join("snapshots")).unwrap();
                fs::create_dir(story.path().join("snapshots")).unwrap();
            },
            "`snapshots/`",
        ),
        (
            "what is listed is gone, and nothing is declared",
            &|story| {
                story.write("mainstay.toml", "snapshots = [\"old.json\", \"gone/\"]\n");
            },
            "`old.json`, `gone/`",
        ),
    ];
    for (case, change, words) in cases {
        let story = aftermath();
        change(&story);
        let output = run(&story, LATER, &[]);
        assert_eq!(output.status.code(), Some(2), "{case}: {}", said(&output));
        assert!(output.stdout.is_empty(), "{case}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("nothing to judge") && message.contains(words), "{case}: {message}");
    }
}

#[test]
fn advice_holds_nothing_back_and_says_so() {
    let mender = || (Story::mender(), vec!["check", "plan.json", "--now", NOW]);
    let without = |file: &str| {
        let (story, arguments) = mender();
        story.list_each().remove(file);
        (story, arguments)
    };
    let denied = || {
        let (story, arguments) = mender();
        append(&story, "[rules.breaks-workload]\nlevel = \"deny\"\n");
        (story, arguments)
    };
    let nightly = |gone: Option<&str>| {
        let story = aftermath();
        if let Some(file) = gone {
            story.list_each().remove(file);
        }
        (story, vec!["check", "--now", LATER])
    };
    let (certain, possible) = (Some(("breaks-workload", "certain")), Some(("breaks-workload", "possible")));
    let cases = [
        ("a certain loss", mender(), 3, "warn", certain),
        ("refused by policy", denied(), 1, "warn", certain),
        ("undetermined", without(ASSIGNMENTS), 4, "warn", possible),
        (
            "without the cluster",
            without("snapshots/cluster.json"),
            4,
            "warn",
            Some(("unknown-users", "possible")),
        ),
        ("standing", nightly(None), 3, "warn", certain),
        (
            "standing and undetermined",
            nightly(Some("snapshots/cluster.json")),
            4,
            "warn",
            Some(("unmatched-name", "certain")),
        ),
        ("nothing is lost", (Story::covered(), vec!["check", "plan.json", "--now", NOW]), 0, "pass", None),
    ];
    for (case, (story, arguments), code, verdict, finding) in cases {
        let strict = Judged::of(&story.run(&[&arguments[..], &["--format", "json"]].concat()));
        assert_eq!(strict.code, code, "{case}");
        assert_eq!(strict.report.get("advise"), None, "{case}");
        append(&story, "[mode]\nadvise = true\n");
        let judged = Judged::of(&story.run(&[&arguments[..], &["--format", "json"]].concat()));
        assert_eq!(judged.code, 0, "{case}: {:#}", judged.report);
        assert_eq!(
            (&judged.report["advise"], &judged.report["verdict"]),
            (&json!(true), &json!(verdict)),
            "{case}"
        );
        assert_eq!(judged.report["approvals_required"], 0, "{case}");
        let loudest = judged.findings().iter().find(|one| one["level"] != "note");
        let told = loudest.map(|one| ["rule", "level", "certainty"].map(|key| one[key].as_str().unwrap()));
        assert_eq!(
            told,
            finding.map(|(rule, certainty)| [rule, "warn", certainty]),
            "{case}: {:#}",
            judged.report
        );
        // The same findings are there, and only quieter.
        let rules = |judged: &Judged| -> Vec<Json> {
            let mut all: Vec<Json> = judged.findings().iter().map(|one| one["fingerprint"].clone()).collect();
            all.sort_by_key(Json::to_string);
            all
        };
        assert_eq!(rules(&judged), rules(&strict), "{case}");
        for more in [&[][..], &["--quiet"]] {
            let output = story.run(&[&arguments[..], more].concat());
            assert_eq!(output.status.code(), Some(0), "{case}");
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(text.starts_with("ADVICE ONLY"), "{case}: {text}");
            assert!(text.contains(&format!("\nverdict: {verdict} (advice only)")), "{case}: {text}");
            assert!(!text.contains("error["), "{case}: {text}");
        }
    }
}

#[test]
fn advice_does_not_make_up_for_what_cannot_be_read() {
    let cut = |story: &Story| {
        let text = fs::read_to_string(story.path().join(ASSIGNMENTS)).unwrap();
        story.write(ASSIGNMENTS, text.get(..text.len() / 2).unwrap());
    };
    let cases: [(&str, Change<'_>, &[&str]); 4] = [
        ("a plan that is not there", &|_| (), &["check", "plans.json"]),
        ("a snapshot that is not there", &|_| (), &["check", "plan.json", "--snapshot", "no.json"]),
        ("a snapshot that is cut", &cut, &["check", "plan.json"]),
        ("a snapshot that is cut, no plan", &cut, &["check"]),
    ];
    for (case, change, arguments) in cases {
        let story = Story::mender();
        append(&story, "[mode]\nadvise = true\n");
        change(&story);
        let output = story.run(&[arguments, &["--now", NOW]].concat());
        assert_eq!(output.status.code(), Some(2), "{case}: {}", said(&output));
        assert!(output.stdout.is_empty(), "{case}");
    }
}
