//! Conditions: text is compared, never evaluated.

use super::Answer::{Covered, Unknown};
use super::{Answer, fits, judge, who, world};
use std::sync::Arc;

const ABAC: &str = "What is Azure attribute-based access control";
const HERE: &str = "/subscriptions/s1";
const WRITE: &str = "Microsoft.Network/dnsZones/TXT/write";

#[test]
fn on_what_is_asked() {
    let bare = || world().plain("r", &["Microsoft.Network/*"]);
    judge(vec![
        (
            "on the assignment",
            ABAC,
            bare().grant("sp", "r", HERE).under("c"),
            WRITE,
            HERE,
            Unknown("under a condition"),
        ),
        (
            "another grant without",
            ABAC,
            bare().grant("sp", "r", HERE).under("c").grant("sp", "r", "/"),
            WRITE,
            HERE,
            Covered("enclosing"),
        ),
        (
            "on the block",
            "16 built-in roles have several blocks",
            world()
                .plain("r", &[])
                .block(&["Microsoft.Network/*"], &[], Some("c"))
                .plain("x", &["Microsoft.Network/*"])
                .grant("sp", "r", HERE),
            WRITE,
            HERE,
            Unknown("the role allows it only under"),
        ),
        (
            "on one block, another without",
            "16 built-in roles have several blocks",
            bare().block(&["*"], &[], Some("c")).grant("sp", "r", HERE),
            WRITE,
            HERE,
            Covered(""),
        ),
    ]);
}

/// A conditional grant goes; what stays is compared with it.
#[test]
fn identical_text_covers_and_different_text_is_doubt() {
    let cases: [(&str, Option<&str>, Option<&str>, Answer); 5] = [
        ("same text", Some("c"), Some("c"), Covered("enclosing")),
        ("another text", Some("c"), Some("d"), Unknown("under a condition")),
        ("what stays has none", Some("c"), None, Covered("enclosing")),
        ("what goes has none", None, Some("c"), Unknown("under a condition")),
        ("text that differs only in space is another", Some("c"), Some("c "), Unknown("under a condition")),
    ];
    for (name, goes, stays, expected) in cases {
        let built = world()
            .plain("r", &["Microsoft.Network/*"])
            .grant("sp", "r", HERE)
            .with(|known| Arc::make_mut(&mut known.grant).condition = goes.map(str::to_owned))
            .grant("sp", "r", "/")
            .with(|known| Arc::make_mut(&mut known.grant).condition = stays.map(str::to_owned));
        let mut all = built.world().all_of(&who("sp"), &built.granted(0)).unwrap();
        for (_, routes) in &mut all {
            routes.routes.retain(|route| route.grant != 0);
            fits(routes, expected).unwrap_or_else(|got| panic!("{name}: {got}"));
        }
    }
}

#[test]
fn a_condition_on_the_grant_and_one_on_its_role_are_both_known() {
    let built = world()
        .plain("r", &[])
        .block(&["Microsoft.Network/*"], &[], Some("role's"))
        .grant("sp", "r", HERE)
        .under("grant's")
        .grant("sp", "r", "/")
        .under("grant's");
    let all = built.world().all_of(&who("sp"), &built.granted(0)).unwrap();
    assert_eq!(all.len(), 1);
    fits(&all[0].1, Covered("enclosing")).unwrap();
}

#[test]
fn blocks_that_say_the_same_under_other_conditions_are_missed_one_by_one() {
    let built = world()
        .plain("two", &[])
        .block(&["Microsoft.Network/*"], &[], Some("c"))
        .block(&["Microsoft.Network/*"], &[], None)
        .plain("one", &[])
        .block(&["Microsoft.Network/*"], &[], Some("c"))
        .grant("sp", "two", HERE)
        .grant("sp", "one", HERE);
    let mut all = built.world().all_of(&who("sp"), &built.granted(0)).unwrap();
    let labels: Vec<&str> = all.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(labels, ["Microsoft.Network/*", "Microsoft.Network/* (2)"]);
    all.iter_mut().for_each(|(_, routes)| routes.routes.retain(|route| route.grant == 1));
    fits(&all[0].1, Covered("one")).unwrap();
    fits(&all[1].1, Unknown("only under a condition")).unwrap();
}
