//! Whether what was signed for is what would happen: the request against one made anew from what is there now.

use super::request::{ChangeRef, MadeOn, PlanRef, Request, SourceRef};
use crate::verdict::Loss;

/// Why they differ, one line each; nothing if the approval holds for what is there now.
///
/// `carry_over`: the plan may have been made anew, if it does no more and costs no more than the one that was signed for.
pub fn differences(signed: &Request, now: &Request, carry_over: bool) -> Vec<String> {
    let carry_over = carry_over && signed.plans != now.plans && signed.changes.is_some();
    let mut found = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    demand(signed.policy == now.policy, "the policy (mainstay.toml) is another");
    demand(signed.catalog == now.catalog, "the catalog is another");
    demand(signed.roster == now.roster, "the roster is another");
    demand(signed.revoked == now.revoked, "the list of revoked keys is another");
    demand(signed.tool == now.tool, "it was made by another version of mainstay");
    demand(signed.verdict >= now.verdict, "the verdict is worse");
    demand(
        now.undetermined.iter().all(|what| signed.undetermined.contains(what)),
        "more is not known than was signed for",
    );
    if carry_over {
        demand(within(&now.losses, &signed.losses), "more would be lost than was signed for");
        demand(does_no_more(now, signed), "the plan does more than the one that was signed for");
        demand(same_places(&signed.plans, &now.plans), "the plan is for another backend, workspace or state");
    } else {
        let digests = |request: &Request| request.plans.iter().map(|plan| plan.sha256).collect::<Vec<_>>();
        demand(digests(signed) == digests(now), "the plan is another");
        let made_on =
            |request: &Request| request.plans.iter().map(|plan| plan.made_on.clone()).collect::<Vec<_>>();
        demand(made_on(signed) == made_on(now), "the plan is for another backend, workspace or state");
        demand(signed.change_digest == now.change_digest, "the changes are others");
        demand(signed.loss_digest == now.loss_digest, "what would be lost is not what was signed for");
        demand(within(&now.losses, &signed.losses), "what would be lost is worse than what was signed for");
    }
    if let (Some(was), Some(is)) = (&signed.commit, &now.commit) {
        demand(was.tree == is.tree, "the checkout is of another tree");
    }
    demand(
        signed.commit.is_none() || now.commit.is_some(),
        "the commit that it was made of is not known here",
    );
    for source in &signed.sources {
        found.extend(worse(source, &now.sources));
    }
    found.extend(environment(signed, now));
    found
}

/// Whether each loss is covered by one that was signed for.
pub(super) fn within(losses: &[Loss], signed: &[Loss]) -> bool {
    losses.iter().all(|loss| signed.iter().any(|other| loss.is_within(other)))
}

fn does_no_more(now: &Request, signed: &Request) -> bool {
    let lock = |plan: &PlanRef| plan.made_on.as_ref().and_then(|made_on| made_on.lock);
    let locks = now.plans.iter().map(lock).eq(signed.plans.iter().map(lock));
    let (Some(now), Some(signed)) = (&now.changes, &signed.changes) else { return false };
    locks && now.iter().all(|change: &ChangeRef| signed.contains(change))
}

/// The same backends, workspaces and states, which may have gone on since.
fn same_places(signed: &[PlanRef], now: &[PlanRef]) -> bool {
    let follows = |was: &MadeOn, is: &MadeOn| {
        let was = MadeOn { serial: is.serial, ..was.clone() };
        was == *is
    };
    signed.len() == now.len()
        && signed.iter().zip(now).all(|(was, is)| match (&was.made_on, &is.made_on) {
            (Some(was), Some(is)) => was.serial <= is.serial && follows(was, is),
            (was, is) => was.is_none() && is.is_none(),
        })
}

/// Why a source tells less than it did.
fn worse(signed: &SourceRef, now: &[SourceRef]) -> Option<String> {
    let SourceRef { path, kind, taken_at, complete } = signed;
    let Some(found) = now.iter().find(|source| source.path == *path && source.kind == *kind) else {
        return Some(format!("the source {path} was there when it was asked, and is not now"));
    };
    if *complete && !found.complete {
        return Some(format!("the source {path} was complete when it was asked, and is not now"));
    }
    (found.taken_at < *taken_at).then(|| format!("the source {path} is older than the one it was asked by"))
}

/// Variables that are there on one side only, or differ; names only.
fn environment(signed: &Request, now: &Request) -> Vec<String> {
    let mut names: Vec<&str> = signed
        .environment
        .iter()
        .filter(|one| !now.environment.contains(one))
        .chain(now.environment.iter().filter(|one| !signed.environment.contains(one)))
        .map(|one| one.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| format!("the variable {name} is not what it was")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::request::{CommitRef, FORMAT, Named};
    use crate::model::{Criticality, Digest, Horizon, Instant, Level, Moment};
    use crate::verdict::{Certainty, Undo, Verdict, loss_digest};

    fn digest(text: &str) -> Digest {
        Digest::of(text.as_bytes())
    }

    fn loss() -> Loss {
        Loss {
            node: "kubernetes:Ingress/prod/gateway".to_owned(),
            workload: "customer TLS".to_owned(),
            criticality: Criticality::Important,
            rule: "breaks-workload".into(),
            level: Level::Approval,
            certainty: Certainty::Possible,
            lost: vec!["a can b on c".to_owned()],
            causes: vec!["t.one".to_owned()],
            undo: Some(Undo::Window),
            until: Horizon::exactly(Moment::At(Instant::from_second(2_000_000_000).unwrap())),
            trigger: None,
        }
    }

    fn change(address: &str, after: &str) -> ChangeRef {
        ChangeRef {
            plan: 0,
            address: address.to_owned(),
            deposed: None,
            kind: "t".to_owned(),
            actions: vec!["delete".to_owned()],
            after: digest(after),
        }
    }

    fn request() -> Request {
        let made_on = MadeOn {
            backend: "s3".to_owned(),
            settings: digest("settings"),
            workspace: "prod".to_owned(),
            lineage: "lineage".to_owned(),
            serial: 7,
            lock: Some(digest("lock")),
        };
        let losses = vec![loss()];
        Request {
            format: FORMAT.to_owned(),
            tool: "1".to_owned(),
            plans: vec![PlanRef { path: "p".to_owned(), sha256: digest("plan"), made_on: Some(made_on) }],
            verdict: Verdict::Approval,
            required: 2,
            groups: Vec::new(),
            loss_digest: loss_digest(&losses),
            losses,
            undetermined: Vec::new(),
            change_digest: digest("changes"),
            changes: Some(vec![change("t.one", ""), change("t.two", "")]),
            programs: Vec::new(),
            policy: digest("policy"),
            catalog: digest("catalog"),
            roster: digest("roster"),
            revoked: None,
            sources: vec![SourceRef {
                path: "s.json".to_owned(),
                kind: "kubernetes".to_owned(),
                taken_at: Some(Instant::from_second(1_000).unwrap()),
                complete: true,
            }],
            commit: Some(CommitRef { trusted: "a".to_owned(), head: "b".to_owned(), tree: "c".to_owned() }),
            environment: vec![Named { name: "AWS_PROFILE".to_owned(), sha256: digest("prod") }],
            ledger: None,
            by: "rita".to_owned(),
            created: Instant::UNIX_EPOCH,
            expires: Instant::MAX,
            nonce: "n".to_owned(),
        }
    }

    /// What is done to a request, with its name.
    type Edit = (&'static str, fn(&mut Request));

    /// Edits of what is there now that an approval must not survive, whether or not it may be carried over.
    fn edits() -> Vec<Edit> {
        vec![
            ("policy", |now| now.policy = digest("x")),
            ("catalog", |now| now.catalog = digest("x")),
            ("roster", |now| now.roster = digest("x")),
            ("revoked", |now| now.revoked = Some(digest("x"))),
            ("tool", |now| now.tool = "2".to_owned()),
            ("verdict", |now| now.verdict = Verdict::Undetermined),
            ("unknown", |now| now.undetermined = vec!["x".to_owned()]),
            ("tree", |now| now.commit.as_mut().unwrap().tree = "x".to_owned()),
            ("no commit", |now| now.commit = None),
            ("no source", |now| now.sources.clear()),
            ("source cut", |now| now.sources[0].complete = false),
            ("source older", |now| now.sources[0].taken_at = Some(Instant::UNIX_EPOCH)),
            ("source without time", |now| now.sources[0].taken_at = None),
            ("another account", |now| now.environment[0].sha256 = digest("test")),
            ("a variable gone", |now| now.environment.clear()),
            ("a variable more", |now| {
                now.environment.push(Named { name: "ARM_TENANT_ID".to_owned(), sha256: digest("x") });
            }),
            ("sooner", |now| now.losses[0].until = Horizon::NEVER),
            ("surer", |now| now.losses[0].certainty = Certainty::Certain),
            ("harder to undo", |now| now.losses[0].undo = Some(Undo::Lost)),
            ("more important", |now| now.losses[0].criticality = Criticality::Critical),
            ("a higher level", |now| now.losses[0].level = Level::Deny),
            ("another loss", |now| now.losses.push(Loss { node: "other".to_owned(), ..loss() })),
            ("more is lost", |now| now.losses[0].lost.push("d can e on f".to_owned())),
            ("by another change", |now| now.losses[0].causes.push("t.three".to_owned())),
            ("workspace", |now| now.plans[0].made_on.as_mut().unwrap().workspace = "test".to_owned()),
            ("backend", |now| now.plans[0].made_on.as_mut().unwrap().settings = digest("x")),
            ("lineage", |now| now.plans[0].made_on.as_mut().unwrap().lineage = "x".to_owned()),
            ("an older state", |now| now.plans[0].made_on.as_mut().unwrap().serial = 6),
            ("lock", |now| now.plans[0].made_on.as_mut().unwrap().lock = None),
        ]
    }

    #[test]
    fn what_was_signed_is_what_happens() {
        assert_eq!(differences(&request(), &request(), false), [""; 0]);
        for (what, edit) in edits() {
            let mut now = request();
            edit(&mut now);
            assert!(!differences(&request(), &now, false).is_empty(), "{what}");
        }
        let others: [Edit; 4] = [
            ("plan", |now| now.plans[0].sha256 = digest("x")),
            ("changes", |now| now.change_digest = digest("x")),
            ("losses", |now| now.loss_digest = digest("x")),
            ("a newer state", |now| now.plans[0].made_on.as_mut().unwrap().serial = 8),
        ];
        for (what, edit) in others {
            let mut now = request();
            edit(&mut now);
            assert!(!differences(&request(), &now, false).is_empty(), "{what}");
        }
    }

    /// A plan made anew: other bytes, a newer state.
    fn anew() -> Request {
        let mut now = request();
        now.plans[0].sha256 = digest("anew");
        now.plans[0].made_on.as_mut().unwrap().serial = 8;
        now.change_digest = digest("anew");
        now
    }

    #[test]
    fn a_plan_made_anew_may_do_less_and_no_more() {
        assert!(!differences(&request(), &anew(), false).is_empty());
        assert_eq!(differences(&request(), &anew(), true), [""; 0]);
        let mut less = anew();
        less.changes.as_mut().unwrap().pop();
        less.losses.clear();
        assert_eq!(differences(&request(), &less, true), [""; 0]);
        for (what, edit) in edits() {
            let mut now = anew();
            edit(&mut now);
            assert!(!differences(&request(), &now, true).is_empty(), "{what}");
        }
        let more: [(&str, ChangeRef); 2] = [
            ("a grant besides", change("t.grant", "")),
            ("the same with another value", change("t.two", "x")),
        ];
        for (what, change) in more {
            let mut now = anew();
            now.changes.as_mut().unwrap().push(change);
            assert!(!differences(&request(), &now, true).is_empty(), "{what}");
        }
        let mut unlisted = request();
        unlisted.changes = None;
        assert!(!differences(&unlisted, &anew(), true).is_empty(), "what was signed lists no changes");
    }
}
