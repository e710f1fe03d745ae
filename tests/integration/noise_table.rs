//! Which traps are shown on which clouds: the table in `docs/accuracy.md`, and that a test stands behind each cell.

const NOISE: &str = include_str!("noise.rs");
const DIRECTORIES: &str = include_str!("noise_directories.rs");
const ACCURACY: &str = include_str!("../../docs/accuracy.md");

/// A trap, in words, and the row of each cloud that shows it to be quiet.
type Trap = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const TRAPS: &[Trap] = &[
    (
        "B5",
        "moved",
        &[
            ("azure", "moved"),
            ("google", "moved"),
            ("kubernetes", "moved"),
            ("okta", "moved"),
            ("github", "moved"),
            ("jumpcloud", "moved"),
        ],
    ),
    ("B5", "moved, and changed in what grants nothing", &[("azure", "moved, and described otherwise")]),
    (
        "B5",
        "another key of `for_each`, with `moved`",
        &[
            ("azure", "for_each, with moved"),
            ("google", "a service account in for_each, with moved"),
            ("kubernetes", "for_each, with moved"),
            ("okta", "for_each, with moved"),
            ("github", "for_each, with moved"),
            ("jumpcloud", "for_each, with moved"),
        ],
    ),
    (
        "B5",
        "another key of `for_each`, of a mere grant",
        &[("azure", "for_each without moved, of the assignment")],
    ),
    (
        "B10",
        "replaced by the same grant",
        &[
            ("azure", "replaced by the same grant"),
            ("google", "replaced, the old one deleted first"),
            ("kubernetes", "replaced in place"),
            ("okta", "replaced by the same grant"),
            ("github", "replaced by the same grant"),
            ("jumpcloud", "replaced by the same membership"),
        ],
    ),
    (
        "B10",
        "made anew at another address, or under another name",
        &[
            ("azure", "made anew at another address"),
            ("kubernetes", "replaced by the same under another name"),
        ],
    ),
    (
        "B10",
        "spelled otherwise",
        &[
            ("azure", "the scope in other letters"),
            ("google", "an e-mail in other letters"),
            ("github", "members in another order"),
        ],
    ),
    (
        "B10",
        "a list or a document in another order",
        &[
            ("google", "a policy with its bindings and members in another order"),
            ("kubernetes", "rules in another order, a verb first"),
            ("okta", "members in another order"),
            ("github", "members in another order"),
        ],
    ),
    (
        "B10",
        "a statement split in two",
        &[("google", "a binding of a policy split in two"), ("kubernetes", "a rule split in two")],
    ),
    (
        "B33",
        "tags, labels or a profile alone",
        &[
            ("azure", "tags of the identity alone"),
            ("google", "a display name alone, where ids are said to be known after apply"),
            ("kubernetes", "labels alone"),
            ("okta", "an attribute of the user alone"),
        ],
    ),
    (
        "B33",
        "drift that changes no access",
        &[
            ("azure", "drift of a description, which changes nothing"),
            ("google", "drift of a display name, which changes nothing"),
            ("kubernetes", "drift of a label, which changes nothing"),
        ],
    ),
    ("B33", "another's etag", &[("google", "another's etag"), ("github", "another's etag")]),
    (
        "B33",
        "forgotten, not deleted",
        &[
            ("azure", "forgotten"),
            ("google", "forgotten"),
            ("kubernetes", "forgotten"),
            ("okta", "forgotten"),
            ("github", "forgotten"),
            ("jumpcloud", "forgotten"),
        ],
    ),
];

fn called(cloud: &str) -> &str {
    match cloud {
        "azure" => "Azure",
        "google" => "Google Cloud",
        "kubernetes" => "Kubernetes",
        "okta" => "Okta",
        "github" => "GitHub",
        _ => "JumpCloud",
    }
}

/// The rows of a cloud's table, with the white space of the formatter taken out.
fn rows(cloud: &str) -> String {
    let start = format!("fn {cloud}_traps()");
    let of = |text: &'static str| text.split_once(&start).map(|(_, rest)| rest);
    let rest = of(NOISE).or_else(|| of(DIRECTORIES)).unwrap();
    let own = rest.split("\n#[test]").next().unwrap();
    own.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_trap_is_shown_where_the_table_says() {
    for (trap, what, clouds) in TRAPS {
        for (cloud, row) in *clouds {
            let quiet = format!("\"{row}\", Quiet");
            assert!(rows(cloud).contains(&quiet), "{trap}, {what}: no row {row:?} of {cloud}");
        }
    }
}

#[test]
fn the_table_stands_in_the_documentation() {
    for (_, what, clouds) in TRAPS {
        let shown: Vec<&str> = clouds.iter().map(|(cloud, _)| called(cloud)).collect();
        let line = format!("| {what} | {} |", shown.join(", "));
        assert!(ACCURACY.contains(&line), "docs/accuracy.md lacks {line}");
    }
}
