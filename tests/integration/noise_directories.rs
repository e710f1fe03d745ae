//! What only looks like a loss in directories, Okta, GitHub and JumpCloud, and beside it what is one: of a workload that is
//! said to use an identity there.

use serde_json::{Value as Json, json};

use crate::noise::later;
use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

fn using(identity: &str) -> Scene {
    Scene::of(&format!(
        "[[workload]]\nname = \"deploys\"\ncriticality = \"critical\"\nuses = [\"{identity}\"]\n"
    ))
}

/// A member list as it was, with something changed.
fn with(mut values: Json, key: &str, to: Json) -> Json {
    values[key] = to;
    values
}

const MEMBERS: &str = "okta_group_memberships.deployers";
const ASSIGNED: &str = "okta_app_group_assignment.registry";

fn okta_members(users: &[&str]) -> Json {
    json!({"id": "00g1", "group_id": "00g1", "users": users, "track_all_users": true})
}

fn assigned(group: &str) -> Json {
    json!({"id": group, "app_id": "0oa1", "group_id": group, "priority": 1, "profile": "{}"})
}

/// A user of a registry, through a group that is assigned to it.
fn okta() -> Scene {
    let mut scene = using("okta_user.ci");
    scene
        .stays(
            "okta_user.ci",
            json!({"id": "00u1", "login": "ci@example.io", "email": "ci@example.io", "department": "a"}),
        )
        .stays("okta_group.deployers", json!({"id": "00g1", "name": "deployers"}))
        .stays(
            "okta_app_oauth.registry",
            json!({"id": "0oa1", "label": "registry", "client_id": "0oa1c", "type": "service"}),
        );
    scene
}

#[test]
fn okta_traps() {
    let both = || okta_members(&["00u1", "00u2"]);
    let rows = vec![
        row("-", "the member is taken out of the list", Loss, move |scene| {
            scene.object(MEMBERS, both(), okta_members(&["00u2"])).stays(ASSIGNED, assigned("00g1"));
        }),
        row("-", "the list goes", Loss, move |scene| {
            scene.object(MEMBERS, both(), Json::Null).stays(ASSIGNED, assigned("00g1"));
        }),
        row("-", "the group's assignment goes", Loss, move |scene| {
            scene.stays(MEMBERS, both()).object(ASSIGNED, assigned("00g1"), Json::Null);
        }),
        row("-", "the last membership, of a group of which no grant is known", Loss, move |scene| {
            scene.object(MEMBERS, both(), okta_members(&["00u2"]));
        }),
        row("-", "members in another order", Quiet, move |scene| {
            scene.object(MEMBERS, both(), okta_members(&["00u2", "00u1"])).stays(ASSIGNED, assigned("00g1"));
        }),
        row("-", "a member is added", Quiet, move |scene| {
            let more = okta_members(&["00u2", "00u1", "00u3"]);
            scene.object(MEMBERS, both(), more).stays(ASSIGNED, assigned("00g1"));
        }),
        row("terraform#29603", "moved", Quiet, move |scene| {
            scene
                .stays(ASSIGNED, assigned("00g1"))
                .stays("module.okta.okta_group_memberships.deployers", both());
            scene.with("previous_address", MEMBERS.into());
        }),
        row("google#6308", "for_each, with moved", Quiet, move |scene| {
            scene
                .stays(MEMBERS, both())
                .stays(r#"okta_app_group_assignment.registry["ci"]"#, assigned("00g1"));
            scene.with("index", "ci".into()).with("previous_address", ASSIGNED.into());
        }),
        row("azurerm#4847", "replaced by the same grant", Quiet, move |scene| {
            let mut after = assigned("00g1");
            later(&mut after, &["id"]);
            scene.stays(MEMBERS, both()).doing(ASSIGNED, &["delete", "create"], assigned("00g1"), after);
        }),
        row("azurerm#4847", "replaced, for another group", Loss, move |scene| {
            let after = with(assigned("00g2"), "id", "?".into());
            scene.stays(MEMBERS, both()).doing(ASSIGNED, &["delete", "create"], assigned("00g1"), after);
        }),
        row("-", "a list of groups for the app, split out of one", Loss, move |scene| {
            // Nobody says which of the two is done last.
            let was = json!({"id": "0oa1", "app_id": "0oa1", "group": [{"id": "00g1", "priority": 1}, {"id": "00g2", "priority": 2}]});
            let left = json!({"id": "0oa1", "app_id": "0oa1", "group": [{"id": "00g2", "priority": 2}]});
            let made = with(assigned("00g1"), "id", "?".into());
            scene.stays(MEMBERS, both()).object("okta_app_group_assignments.all", was, left);
            scene.object(ASSIGNED, Json::Null, made);
        }),
        row("-", "the priority of a group for the app", Quiet, move |scene| {
            let of = |priority: u32| json!({"id": "0oa1", "app_id": "0oa1", "group": [{"id": "00g1", "priority": priority}]});
            scene.stays(MEMBERS, both()).object("okta_app_group_assignments.all", of(1), of(2));
        }),
        row("terraform#28803", "an attribute of the user alone", Quiet, move |scene| {
            let user = |department: &str| json!({"id": "00u1", "login": "ci@example.io", "email": "ci@example.io", "department": department});
            scene.stays(MEMBERS, both()).stays(ASSIGNED, assigned("00g1"));
            scene.without("okta_user.ci").object("okta_user.ci", user("a"), user("b"));
        }),
        row("checkov#7675", "forgotten", Quiet, move |scene| {
            scene.stays(ASSIGNED, assigned("00g1")).doing(MEMBERS, &["forget"], both(), Json::Null);
        }),
    ];
    judge(&okta(), rows);
}

/// The highest role of administrators has all that the others have; those are in no order.
#[test]
fn administrators_of_okta() {
    for (after, losses) in [("SUPER_ADMIN", 0), ("ORG_ADMIN", 1), ("HELP_DESK_ADMIN", 1)] {
        let roles = |role: &str| json!({"id": "00u1", "user_id": "00u1", "admin_roles": [role], "disable_notifications": false});
        let mut scene = okta();
        scene.object("okta_user_admin_roles.ci", roles("USER_ADMIN"), roles(after));
        assert_eq!(scene.check().by_plan("breaks-workload").len(), losses, "{after}");
    }
}

/// What another group gives as well is no loss for the workload.
#[test]
fn the_same_app_through_another_group_covers() {
    let mut scene = okta();
    scene
        .stays("okta_group.other", json!({"id": "00g2", "name": "other"}))
        .stays(ASSIGNED, assigned("00g1"))
        .stays("okta_app_group_assignment.other", assigned("00g2"))
        .stays("okta_user_group_memberships.ci", json!({"id": "00u1", "user_id": "00u1", "groups": ["00g2"]}))
        .object(MEMBERS, okta_members(&["00u1", "00u2"]), okta_members(&["00u2"]));
    assert!(scene.check().by_plan("breaks-workload").is_empty());
    scene.without("okta_user_group_memberships.ci");
    scene.stays(
        "okta_user_group_memberships.ci",
        json!({"id": "00u3", "user_id": "00u3", "groups": ["00g2"]}),
    );
    assert_eq!(
        scene.check().by_plan("breaks-workload").len(),
        1,
        "somebody else's membership covers nothing"
    );
}

const TEAM: &str = "github_team_members.deployers";
const PUSH: &str = "github_team_repository.shop";

fn team_members(names: &[&str]) -> Json {
    let members: Vec<Json> = names.iter().map(|name| json!({"username": name, "role": "member"})).collect();
    json!({"id": "11", "team_id": "11", "members": members})
}

/// By the slug of the team, where its members are listed by its id.
fn push(permission: &str) -> Json {
    json!({"id": "11:shop", "team_id": "deployers", "repository": "shop", "permission": permission, "etag": "W/1"})
}

fn github() -> Scene {
    let mut scene = using("github_membership.ci");
    scene
        .stays("github_membership.ci", json!({"id": "acme:ci-bot", "username": "ci-bot", "role": "member"}))
        .stays(
            "github_team.deployers",
            json!({"id": "11", "slug": "deployers", "name": "Deployers", "node_id": "T_1"}),
        )
        .stays("github_repository.shop", json!({"id": "shop", "name": "shop", "full_name": "acme/shop"}));
    scene
}

/// Another team with the same member, and what it may do.
fn another_team(scene: &mut Scene, permission: &str) {
    scene
        .stays("github_team.ops", json!({"id": "12", "slug": "ops", "name": "Ops", "node_id": "T_2"}))
        .stays(
            "github_team_membership.ops",
            json!({"id": "12:ci-bot", "team_id": "12", "username": "ci-bot", "role": "member"}),
        )
        .stays(
            "github_team_repository.ops",
            json!({"id": "12:shop", "team_id": "12", "repository": "shop", "permission": permission}),
        );
}

/// Another team that gives at least the same covers what its members lose.
#[test]
fn another_team_that_gives_more_covers() {
    for (permission, losses) in [("push", 0), ("maintain", 0), ("triage", 1), ("releasers", 1)] {
        let mut scene = github();
        another_team(&mut scene, permission);
        scene.stays(TEAM, team_members(&["ci-bot", "ann"])).object(PUSH, push("push"), Json::Null);
        assert_eq!(scene.check().by_plan("breaks-workload").len(), losses, "{permission}");
    }
}

/// Whether a role of which the order is not known allows as much, is not known; a lower one does not.
#[test]
fn a_custom_role_of_a_repository_is_a_doubt() {
    for (role, doubt) in [("pull", false), ("releasers", true)] {
        let mut scene = github();
        scene.stays(TEAM, team_members(&["ci-bot"])).object(PUSH, push("push"), push(role));
        let judged = scene.check();
        let why = judged.the("breaks-workload")["unknown_because"].to_string();
        assert_eq!(why.contains("what roles of github allow is not looked at"), doubt, "{role}: {why}");
    }
}

#[test]
fn github_traps() {
    let both = || team_members(&["ci-bot", "ann"]);
    let rows = vec![
        row("-", "the member is taken out of the list", Loss, move |scene| {
            scene.object(TEAM, both(), team_members(&["ann"])).stays(PUSH, push("push"));
        }),
        row("-", "the team's permission goes", Loss, move |scene| {
            scene.stays(TEAM, both()).object(PUSH, push("push"), Json::Null);
        }),
        row("-", "the team's permission is another one", Loss, move |scene| {
            scene.stays(TEAM, both()).object(PUSH, push("push"), push("pull"));
        }),
        row("-", "the team's permission is a higher one", Quiet, move |scene| {
            scene.stays(TEAM, both()).object(PUSH, push("push"), push("admin"));
        }),
        row("-", "the team's permission is a lower one", Loss, move |scene| {
            scene.stays(TEAM, both()).object(PUSH, push("admin"), push("maintain"));
        }),
        row("-", "the permission in its other spelling", Quiet, move |scene| {
            scene.stays(TEAM, both()).object(PUSH, push("push"), push("write"));
        }),
        row("-", "the team goes, and what it has with it", Loss, move |scene| {
            let team = json!({"id": "11", "slug": "deployers", "name": "Deployers", "node_id": "T_1"});
            scene.stays(TEAM, both()).stays(PUSH, push("push")).without("github_team.deployers");
            scene.object("github_team.deployers", team, Json::Null);
        }),
        row(
            "google#11032",
            "a list of collaborators is made that leaves out who is there",
            Loss,
            move |scene| {
                scene.stays("github_repository_collaborator.ci",
                json!({"id": "shop:ci-bot", "repository": "shop", "username": "ci-bot", "permission": "push"}));
                scene.object("github_repository_collaborators.shop", Json::Null,
                json!({"id": "?", "repository": "shop", "user": [{"username": "ann", "permission": "admin"}], "team": []}));
            },
        ),
        row("-", "members in another order", Quiet, move |scene| {
            scene.object(TEAM, both(), team_members(&["ann", "CI-Bot"])).stays(PUSH, push("push"));
        }),
        row("terraform#29603", "moved", Quiet, move |scene| {
            scene.stays(PUSH, push("push")).stays("module.github.github_team_members.deployers", both());
            scene.with("previous_address", TEAM.into());
        }),
        row("google#6308", "for_each, with moved", Quiet, move |scene| {
            scene.stays(TEAM, both()).stays(r#"github_team_repository.shop["deployers"]"#, push("push"));
            scene.with("index", "deployers".into()).with("previous_address", PUSH.into());
        }),
        row("azurerm#4847", "replaced by the same grant", Quiet, move |scene| {
            let mut after = push("push");
            later(&mut after, &["id", "etag"]);
            scene.stays(TEAM, both()).doing(PUSH, &["delete", "create"], push("push"), after);
        }),
        row("driftctl#366", "another's etag", Quiet, move |scene| {
            scene.stays(TEAM, both()).object(PUSH, push("push"), with(push("push"), "etag", "W/2".into()));
        }),
        row("checkov#7675", "forgotten", Quiet, move |scene| {
            scene.stays(TEAM, both()).doing(PUSH, &["forget"], push("push"), Json::Null);
        }),
    ];
    judge(&github(), rows);
}

/// Nobody lists who has access to a repository: that a list leaves somebody out is possible, unless the repository is new.
#[test]
fn a_list_of_collaborators_where_nobody_lists_them() {
    let made = json!({"id": "?", "repository": "shop", "user": [{"username": "ann", "permission": "admin"}], "team": []});
    let mut scene = github();
    scene.object("github_repository_collaborators.shop", Json::Null, made.clone());
    let judged = scene.check();
    let finding = judged.the("evicts-access");
    assert_eq!(
        (judged.code, &finding["level"], &finding["certainty"]),
        (0, &json!("warn"), &json!("possible"))
    );
    scene.without("github_repository.shop");
    scene.object("github_repository.shop", Json::Null, json!({"id": "?", "name": "shop", "full_name": "?"}));
    assert!(scene.check().by_plan("evicts-access").is_empty());
}

/// Who is in a team below another has what that one has.
#[test]
fn what_a_parent_team_has_counts_for_its_children() {
    let mut scene = github();
    let team = |parent: &str| json!({"id": "11", "slug": "deployers", "name": "Deployers", "node_id": "T_1", "parent_team_id": parent});
    scene
        .without("github_team.deployers")
        .stays("github_team.all", json!({"id": "10", "slug": "all", "name": "All", "node_id": "T_0"}))
        .stays(TEAM, team_members(&["ci-bot"]))
        .stays(
            "github_team_repository.all",
            json!({"id": "10:shop", "team_id": "10", "repository": "shop", "permission": "push"}),
        )
        .object("github_team.deployers", team("10"), team(""));
    assert_eq!(scene.check().by_plan("breaks-workload").len(), 1);
}

/// A deploy key is a credential, and whoever uses it falls with it.
#[test]
fn a_deploy_key_goes() {
    let mut scene = using("github_repository_deploy_key.ci");
    let key = json!({"id": "shop:77", "title": "ci", "repository": "shop", "key": "ssh-ed25519 AAAA", "read_only": true});
    scene.object("github_repository_deploy_key.ci", key, Json::Null);
    let judged = scene.check();
    assert_eq!(judged.code, 3);
    assert_eq!(judged.the("breaks-workload")["undo"], "restorable");
}

const BOUND: &str = "jumpcloud_user_group_membership.ci";

fn bound(group: &str) -> Json {
    json!({"id": format!("{group}/u1"), "user_id": "u1", "user_group_id": group})
}

#[test]
fn jumpcloud_traps() {
    let mut scene = using("jumpcloud_user.ci");
    scene
        .stays("jumpcloud_user.ci", json!({"id": "u1", "username": "ci", "email": "ci@example.io"}))
        .stays("jumpcloud_user_group.deployers", json!({"id": "g1", "name": "deployers"}));
    let rows = vec![
        row("-", "the last membership goes", Loss, |scene| {
            scene.object(BOUND, bound("g1"), Json::Null);
        }),
        row("-", "the group goes", Loss, |scene| {
            scene.stays(BOUND, bound("g1")).without("jumpcloud_user_group.deployers");
            scene.object(
                "jumpcloud_user_group.deployers",
                json!({"id": "g1", "name": "deployers"}),
                Json::Null,
            );
        }),
        row("terraform#29603", "moved", Quiet, |scene| {
            scene.stays("module.ci.jumpcloud_user_group_membership.ci", bound("g1"));
            scene.with("previous_address", BOUND.into());
        }),
        row("google#6308", "for_each, with moved", Quiet, |scene| {
            scene.stays(r#"jumpcloud_user_group_membership.ci["ci"]"#, bound("g1"));
            scene.with("index", "ci".into()).with("previous_address", BOUND.into());
        }),
        row("azurerm#4847", "replaced by the same membership", Quiet, |scene| {
            let after = with(bound("g1"), "id", "?".into());
            scene.doing(BOUND, &["delete", "create"], bound("g1"), after);
        }),
        row("checkov#7675", "forgotten", Quiet, |scene| {
            scene.doing(BOUND, &["forget"], bound("g1"), Json::Null);
        }),
    ];
    judge(&scene, rows);
}
