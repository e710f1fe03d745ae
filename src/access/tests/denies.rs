//! Deny assignments.

use super::Answer::{Covered, Lost, Unknown};
use super::{Builder, judge, who, world};
use crate::access::Cloud;
use crate::model::Permission;

const DENY: &str = "Understand Azure deny assignments";
const HERE: &str = "/subscriptions/s1/resourceGroups/rg1";
const WRITE: &str = "Microsoft.Network/dnsZones/TXT/write";

fn granted() -> Builder {
    world().plain("r", &["Microsoft.Network/*"]).grant("sp", "r", HERE)
}

#[test]
fn denies() {
    let everyone = |actions: &[&str]| granted().deny("everyone", actions, HERE);
    let data = |deny: &mut crate::model::Deny| {
        let actions = std::mem::take(&mut deny.permissions[0].actions);
        deny.permissions[0].data_actions = actions;
    };
    judge(vec![
        ("everyone", DENY, everyone(&["*"]), WRITE, HERE, Lost(1)),
        ("the principal itself", DENY, granted().deny("sp", &["*/write"], HERE), WRITE, HERE, Lost(1)),
        ("somebody else", DENY, granted().deny("other", &["*"], HERE), WRITE, HERE, Covered("")),
        (
            "a group of the principal",
            DENY,
            granted().member("g", "sp").deny("g", &["*"], HERE),
            WRITE,
            HERE,
            Lost(1),
        ),
        (
            "everyone, but not the principal",
            "excludePrincipals",
            everyone(&["*"]).deny_with(|deny| deny.except.push(who("sp"))),
            WRITE,
            HERE,
            Covered(""),
        ),
        (
            "everyone, but not a group of the principal",
            "excludePrincipals",
            everyone(&["*"]).member("g", "sp").deny_with(|deny| deny.except.push(who("g"))),
            WRITE,
            HERE,
            Covered(""),
        ),
        (
            "on an enclosing scope",
            DENY,
            granted().deny("everyone", &["*"], "/subscriptions/s1"),
            WRITE,
            HERE,
            Lost(1),
        ),
        ("on the root", DENY, granted().deny("everyone", &["*"], "/"), WRITE, HERE, Lost(1)),
        (
            "on an enclosing scope only",
            "doNotApplyToChildScopes",
            granted()
                .deny("everyone", &["*"], "/subscriptions/s1")
                .deny_with(|deny| deny.this_scope_only = true),
            WRITE,
            HERE,
            Covered(""),
        ),
        (
            "on this scope only",
            "doNotApplyToChildScopes",
            everyone(&["*"]).deny_with(|deny| deny.this_scope_only = true),
            WRITE,
            HERE,
            Lost(1),
        ),
        (
            "on a sibling",
            DENY,
            granted().deny("everyone", &["*"], "/subscriptions/s1/resourceGroups/rg"),
            WRITE,
            HERE,
            Covered(""),
        ),
        (
            "below what is asked",
            DENY,
            granted().deny("everyone", &["*"], &format!("{HERE}/providers/x")),
            WRITE,
            HERE,
            Covered(""),
        ),
        (
            "on a management group",
            "the id does not say who is below",
            granted().deny("everyone", &["*"], "/providers/Microsoft.Management/managementGroups/m"),
            WRITE,
            HERE,
            Unknown("a deny assignment may"),
        ),
        (
            "on a scope that is not said",
            DENY,
            everyone(&["*"]).deny_with(|deny| deny.scope = None),
            WRITE,
            HERE,
            Unknown("a deny assignment may"),
        ),
        ("another action", DENY, everyone(&["Microsoft.Compute/*"]), WRITE, HERE, Covered("")),
        (
            "the action is not among the denied",
            "NotActions of a deny",
            everyone(&["*"])
                .deny_with(|deny| deny.permissions[0].not_actions.push("Microsoft.Network/*".into())),
            WRITE,
            HERE,
            Covered(""),
        ),
        ("the data plane is another", DENY, everyone(&["*"]).deny_with(data), WRITE, HERE, Covered("")),
        (
            "under a condition",
            DENY,
            everyone(&["*"]).deny_with(|deny| deny.condition = Some("c".into())),
            WRITE,
            HERE,
            Unknown("a deny assignment may"),
        ),
        (
            "under a condition of its block",
            DENY,
            everyone(&["*"]).deny_with(|deny| deny.permissions[0].condition = Some("c".into())),
            WRITE,
            HERE,
            Unknown("a deny assignment may"),
        ),
        (
            "two blocks, the second one denies",
            DENY,
            everyone(&["Microsoft.Compute/*"]).deny_with(|deny| {
                deny.permissions.push(Permission { actions: vec!["*".into()], ..Permission::default() })
            }),
            WRITE,
            HERE,
            Lost(1),
        ),
        (
            "a grant beside does not help",
            "a deny wins",
            everyone(&["*"]).grant("sp", "r", "/"),
            WRITE,
            HERE,
            Lost(2),
        ),
    ]);
}

#[test]
fn groups_whose_members_nobody_lists() {
    let group = || granted().deny("g", &["*"], HERE).deny_group("g");
    let left_out = || {
        let everyone = granted().deny("everyone", &["*"], HERE).deny_group("g");
        everyone.deny_with(|deny| deny.except.push(who("g")))
    };
    let source = "a member list alone says who is not in a group";
    judge(vec![
        ("denied", source, group(), WRITE, HERE, Unknown("whether it is in group g")),
        ("denied, and listed", source, group().listed("g"), WRITE, HERE, Covered("")),
        ("left out", source, left_out(), WRITE, HERE, Unknown("whether it is in group g")),
        ("left out, and listed", source, left_out().listed("g"), WRITE, HERE, Lost(1)),
        ("left out, and in it", source, left_out().member("g", "sp"), WRITE, HERE, Covered("")),
    ]);
}

#[test]
fn a_deny_of_a_part_of_a_pattern_is_doubt() {
    let built = granted().deny("everyone", &["Microsoft.Network/dnsZones/*"], HERE);
    let all = built.world().all_of(&who("sp"), &built.granted(0)).unwrap();
    super::fits(&all[0].1, Unknown("a deny assignment may")).unwrap();
    let spared = granted()
        .deny("everyone", &["*"], HERE)
        .deny_with(|deny| deny.permissions[0].not_actions.push("*/read".into()));
    let all = spared.world().all_of(&who("sp"), &spared.granted(0)).unwrap();
    super::fits(&all[0].1, Unknown("a deny assignment may")).unwrap();
}

#[test]
fn on_either_plane_a_deny_of_data_counts() {
    let built = world()
        .role("r", &["A/*/read"], &[], &["A/*/read"], &[])
        .grant("sp", "r", HERE)
        .deny("everyone", &[], HERE)
        .deny_with(|deny| deny.permissions[0].data_actions.push("*".into()));
    super::fits(
        &built.world().can(Cloud::Azure, &who("sp"), "A/b/read", HERE),
        Unknown("a deny assignment may"),
    )
    .unwrap();
}
