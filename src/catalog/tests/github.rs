//! Resources of integrations/github.

use super::{lines, read, standing, wants};
use crate::model::{Class, UndoClass};
use serde_json::json;

#[test]
fn teams_go_by_id_and_slug() {
    let team = json!({"id": "11", "slug": "deployers", "name": "Deployers", "parent_team_id": "10"});
    assert_eq!(
        lines("github_team", team),
        [
            "identity Deployers =principal:github-team:11 ~github-team:11 ~github-team:deployers",
            "membership Deployers below 10 | principal:github-team:11 is in github-team:10",
        ]
    );
    assert_eq!(lines("github_team", json!({"id": "10", "name": "All", "parent_team_id": ""})).len(), 1);
}

#[test]
fn who_is_in_a_team() {
    let one =
        lines("github_team_membership", json!({"team_id": "11", "username": "ci-bot", "role": "member"}));
    assert_eq!(one, ["membership ci-bot in 11 | principal:github:ci-bot is in github-team:11"]);
    let all = json!({"team_id": "11", "members": [{"username": "ci-bot", "role": "member"}, {"username": "ann", "role": "maintainer"}]});
    assert_eq!(
        lines("github_team_members", all)[1..],
        [one[0].as_str(), "membership ann in 11 | principal:github:ann is in github-team:11"]
    );
    assert_eq!(
        lines("github_membership", json!({"username": "CI-Bot", "role": "admin"})),
        [
            "identity CI-Bot =principal:github:ci-bot",
            "grant admin of the organization for CI-Bot | - principal:github:ci-bot has - (admin) on github:organization if -",
        ]
    );
}

#[test]
fn who_may_do_what_on_a_repository() {
    let team = json!({"team_id": "11", "repository": "shop", "permission": "push"});
    let team_has =
        "grant push on shop for 11 | group github-team:11 has - (push) on github-repository:shop if -";
    assert_eq!(lines("github_team_repository", team.clone()), [team_has]);
    assert_eq!(wants("github_team_repository", team), ["its repository: any of github-repository:shop"]);
    let user_has = "grant push on shop for ci-bot | - principal:github:ci-bot has - (push) on github-repository:shop if -";
    assert_eq!(
        lines("github_repository_collaborator", json!({"repository": "shop", "username": "ci-bot"})),
        [user_has]
    );
    let all = json!({"repository": "shop", "user": [{"username": "ci-bot", "permission": "push"}],
        "team": [{"team_id": "11", "permission": "push"}]});
    assert_eq!(
        lines("github_repository_collaborators", all),
        [
            "other collaborators of shop",
            user_has,
            team_has,
            "other github_repository_collaborators | only these: any role of anybody on github-repository:shop if -",
        ]
    );
}

#[test]
fn deploy_keys_are_credentials() {
    let key = json!({"id": "shop:77", "title": "ci", "repository": "shop", "read_only": true, "key": "ssh-ed25519 AAAA"});
    let facts = read(&standing("github_repository_deploy_key", key.clone()));
    assert_eq!(
        (facts[0].class, facts[0].undo.as_ref().unwrap().undo),
        (Class::Credential, UndoClass::Restorable)
    );
    assert_eq!(
        lines("github_repository_deploy_key", key.clone()),
        ["credential deploy key ci of shop ~github-key:shop:77"]
    );
    assert_eq!(wants("github_repository_deploy_key", key), ["its repository: any of github-repository:shop"]);
    let repository = json!({"name": "shop", "full_name": "acme/shop"});
    let facts = read(&standing("github_repository", repository));
    assert_eq!((facts[0].class, facts[0].undo.as_ref().unwrap().undo), (Class::Store, UndoClass::Window(90)));
}
