//! `rank`: what carries most, as it is and after a plan.

use serde_json::Value as Json;

use crate::support::said;
use crate::support::story::{GRANT, NOW, Story, incidents, mainstay};

fn rank(more: &[&str]) -> Json {
    let base = ["rank", "--now", NOW, "--format", "json"];
    let output = mainstay(&incidents().join("mender-2023"), &[&base, more].concat());
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn mainstays(answer: &Json) -> &[Json] {
    answer["mainstays"].as_array().unwrap()
}

#[test]
fn what_carries_most_comes_first_and_says_when() {
    let answer = rank(&["--plan", "plan.json", "--top", "100"]);
    assert_eq!((&answer["format"], &answer["more"]), (&"mainstay.dev/rank/v1".into(), &false.into()));
    let load =
        |one: &Json| ["critical", "important", "normal"].map(|level| one["carries"][level].as_u64().unwrap());
    let loads: Vec<[u64; 3]> = mainstays(&answer).iter().map(load).collect();
    assert!(loads.is_sorted_by(|one, other| one >= other), "{loads:?}");
    let grant = mainstays(&answer).iter().find(|one| one["node"] == GRANT).unwrap();
    assert_eq!((load(grant), &grant["until"]["possible"]), ([1, 0, 0], &"2023-10-08T15:04:00Z".into()));
    assert_eq!(grant["workloads"][0]["workload"], "hosted product");
    // The plan deletes it: then it carries nothing.
    assert_eq!(grant["carries_after"]["critical"], 0);
    // Without it, the same things carry the same.
    let certificate = "kubernetes:Certificate/prod/gateway-tls";
    let reporting = "kubernetes:ServiceAccount/tools/reporting";
    let of = |node: &str| mainstays(&answer).iter().find(|one| one["node"] == node).unwrap().clone();
    assert_eq!(
        (&of(certificate)["until"]["sure"], of(reporting).get("carries_after")),
        (&"never".into(), None)
    );
    // What only follows from others cannot go by itself.
    assert!(mainstays(&answer).iter().all(|one| one["kind"] != "capability" && one["kind"] != "unseen"));
}

#[test]
fn so_many_are_told_as_are_asked_for() {
    let (all, three) = (rank(&["--top", "100"]), rank(&["--top", "3"]));
    assert_eq!(mainstays(&three).len(), 3);
    assert_eq!((&all["more"], &three["more"]), (&false.into(), &true.into()));
    assert_eq!(mainstays(&three)[0]["carries"], mainstays(&all)[0]["carries"]);
}

#[test]
fn the_table_reads_well() {
    let folder = incidents().join("mender-2023");
    let text = |more: &[&str]| {
        let output = mainstay(&folder, &[&["rank", "--now", NOW], more].concat());
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    insta::assert_snapshot!("rank", text(&[]));
    insta::assert_snapshot!("rank_with_a_plan", text(&["--plan", "plan.json", "--top", "4", "-v"]));
}

#[test]
fn where_nothing_carries_anything_that_is_said() {
    let story = Story::mender();
    story.edit("snapshots/cluster.json", |cluster| cluster["items"] = Json::Array(Vec::new()));
    let output = story.run(&["rank", "--now", NOW]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("no workload is known"), "{}", said(&output));
    let nothing = mainstay(tempfile::tempdir().unwrap().path(), &["rank"]);
    assert_eq!(nothing.status.code(), Some(2), "{}", said(&nothing));
}
