//! What is there while a plan is applied and after it, from facts and the changes that carry them.

use super::super::{Estate, Input, Stage, build, presence};
use super::{Eventually, Forever, instant};
use crate::model::{
    Action, Address, Alias, Attributes, Change, ChangeIx, Class, Content, End, Ends, Evidence, Fact, Horizon,
    Kind, Moment, Object, Presence, Side, Source, SourceIx,
};
use serde_json::Value;

/// One object of a plan: its address, what is done to it, on which sides it says the fact of the case, which blocks it
/// rested on at the last apply, and to which it refers now.
type Doing = (&'static str, Action, &'static str, &'static [&'static str], &'static [&'static str]);

const NOTHING: &[&str] = &[];

fn doing(address: &'static str, action: Action, says: &'static str) -> Doing {
    (address, action, says, NOTHING, NOTHING)
}

/// The fact of a case, as the object of this number says it on one side.
fn fact(number: usize, address: &str, side: Side) -> Fact {
    Fact {
        class: Class::Membership,
        kind: Kind::new("acme_member"),
        name: "m in g".to_owned(),
        side,
        presence: Presence::Present,
        unique: Vec::new(),
        names: Vec::new(),
        // An id that another object, and the same one made anew, does not have.
        carrier: format!("{address} {side:?}"),
        refuses_duplicates: false,
        natural_key: false,
        outlives: false,
        restarts: false,
        content: Content::Membership {
            group: Some(Alias::new("principal", "g")),
            member: Some(Alias::new("principal", "m")),
        },
        wants: Vec::new(),
        evidence: Evidence { source: SourceIx(0), pointer: format!("/{number}").into() },
        taken_at: None,
        change: Some(ChangeIx(u32::try_from(number).unwrap())),
        managed: true,
        address: Some(Address::new(address)),
        end: None,
        lease: None,
        undo: None,
        users_listed_by: [].into(),
        listed_by: None,
        criticality: None,
        part_of: None,
        serves: None,
        settings: None,
        environment: None,
    }
}

fn joined(doings: &[Doing], with: impl Fn(&mut Fact)) -> Estate {
    let (mut facts, mut objects, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    for (number, (address, action, says, depends_on, configured)) in doings.iter().enumerate() {
        let standing = *action == Action::NoOp;
        let sides: &[Side] = match (*says, standing) {
            ("both", true) => &[Side::Both],
            ("both", false) => &[Side::Before, Side::After],
            ("before", _) => &[Side::Before],
            ("after", _) => &[Side::After],
            _ => &[],
        };
        for side in sides {
            let mut fact = fact(number, address, *side);
            if standing {
                fact.change = None;
            }
            with(&mut fact);
            facts.push(fact);
        }
        let list = |names: &[&str]| names.iter().map(|name| Address::from(*name)).collect::<Vec<_>>();
        let mut object = Object::standing(
            "x".into(),
            fact(number, address, Side::Both).evidence,
            None,
            Value::Null.into(),
        );
        object.address = Some(Address::from(*address));
        object.standing = standing;
        object.change = (!standing).then_some(ChangeIx(u32::try_from(number).unwrap()));
        object.after = Some(Attributes::default()).filter(|_| *action != Action::Delete);
        object.depends_on = list(depends_on);
        object.configured = Some(list(configured));
        objects.push(object);
        changes.push(Change {
            plan: 0,
            address: Address::from(*address),
            deposed: None,
            previous_address: None,
            kind: "x".to_owned(),
            mode: "managed".to_owned(),
            action: action.clone(),
            reason: None,
            importing: false,
            place: None,
        });
    }
    let count = objects.len();
    build(Input {
        facts,
        sources: &[Source {
            path: "plan.json".to_owned(),
            kind: "plan".to_owned(),
            taken_at: None,
            doubt: None,
            objects: count,
            lists: std::collections::BTreeMap::new(),
        }],
        declarations: &crate::config::defaults(),
        commands: &[],
        changes: &changes,
        objects,
    })
}

/// Before, during and after: `P` present, `A` absent, `?` unknown.
fn seen(estate: &Estate) -> String {
    let node = estate.nodes.iter().find(|node| node.class == Class::Membership).unwrap();
    let during = node.claims.iter().map(|claim| claim.during).max().unwrap();
    let all = [presence(node, |_| Stage::Before), during, presence(node, |_| Stage::After)];
    let letter = |presence: &Presence| match presence {
        Presence::Present => 'P',
        Presence::Absent => 'A',
        Presence::Unknown => '?',
    };
    all.iter().map(letter).collect()
}

fn assert_all(cases: Vec<(&str, Vec<Doing>, &str)>, with: impl Fn(&mut Fact) + Copy) {
    let wrong: Vec<String> = cases
        .into_iter()
        .map(|(name, doings, expected)| (name, seen(&joined(&doings, with)), expected))
        .filter(|(_, got, expected)| got != expected)
        .map(|(name, got, expected)| format!("{name}: is to be {expected} and is {got}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn unknown_action() -> Action {
    Action::Other(vec!["shuffle".to_owned()])
}

#[test]
fn what_is_there_in_between() {
    use Action::{Create, CreateDelete, Delete, DeleteCreate, Forget, ForgetCreate, NoOp, Update};
    let cases = vec![
        ("standing", vec![doing("x.a", NoOp, "both")], "PPP"),
        ("updated around it", vec![doing("x.a", Update, "both")], "PPP"),
        ("updated away", vec![doing("x.a", Update, "before")], "P?A"),
        ("made", vec![doing("x.a", Create, "after")], "A?P"),
        ("deleted", vec![doing("x.a", Delete, "before")], "P?A"),
        ("forgotten", vec![doing("x.a", Forget, "both")], "PPP"),
        ("made beside what is forgotten", vec![doing("x.a", ForgetCreate, "both")], "PPP"),
        ("replaced, deleted first", vec![doing("x.a", DeleteCreate, "both")], "PAP"),
        ("replaced by another, deleted first", vec![doing("x.a", DeleteCreate, "before")], "PAA"),
        ("the other, deleted first", vec![doing("x.a", DeleteCreate, "after")], "AAP"),
        ("replaced, created first", vec![doing("x.a", CreateDelete, "both")], "PPP"),
        ("replaced by another, created first", vec![doing("x.a", CreateDelete, "before")], "P?A"),
        ("an action that nobody knows", vec![doing("x.a", unknown_action(), "both")], "P??"),
        ("made elsewhere", vec![doing("x.a", Delete, "before"), doing("x.b", Create, "after")], "P?P"),
        ("said elsewhere too", vec![doing("x.a", DeleteCreate, "both"), doing("x.b", NoOp, "both")], "PPP"),
    ];
    assert_all(cases, |_| ());
    let doubtful = [NoOp, Update, DeleteCreate, CreateDelete];
    let cases = doubtful.into_iter().map(|action| ("in doubt", vec![doing("x.a", action, "both")], "???"));
    assert_all(cases.collect(), |fact| fact.presence = Presence::Unknown);
    let cases = vec![("what outlives its object", vec![doing("x.a", DeleteCreate, "both")], "PPP")];
    assert_all(cases, |fact| fact.outlives = true);
}

#[test]
fn what_is_left_of_a_natural_key() {
    use Action::{Create, CreateDelete, Delete, DeleteCreate, NoOp, Update};
    let goes = || doing("x.a", Delete, "before");
    let comes = || doing("x.b", Create, "after");
    let on_role = |address, action, says| -> Doing { (address, action, says, &["x.role"], &["x.role"]) };
    let role = |action| doing("x.role", action, "");
    let cases = vec![
        ("created first", vec![doing("x.a", CreateDelete, "both")], "P?A"),
        ("deleted first", vec![doing("x.a", DeleteCreate, "both")], "PAP"),
        ("an action that nobody knows", vec![doing("x.a", unknown_action(), "both")], "P??"),
        ("updated around it", vec![doing("x.a", Update, "both")], "PPP"),
        ("deleted", vec![goes()], "P?A"),
        ("ordered by nothing", vec![goes(), comes()], "P??"),
        ("said elsewhere too", vec![goes(), doing("x.b", NoOp, "both")], "P?A"),
        (
            "a left-over",
            vec![doing("x.a (deposed 00aa11bb)", Delete, "before"), doing("x.a", NoOp, "both")],
            "P?A",
        ),
        // The deleted rested on the role, the made refers to it, and the role itself is deleted first.
        (
            "around a role that is replaced",
            vec![on_role("x.a", Delete, "before"), on_role("x.b", Create, "after"), role(DeleteCreate)],
            "P?P",
        ),
        (
            "around a role that is created first",
            vec![on_role("x.a", Delete, "before"), on_role("x.b", Create, "after"), role(CreateDelete)],
            "P??",
        ),
        (
            "around a role that stays",
            vec![on_role("x.a", Delete, "before"), on_role("x.b", Create, "after"), role(NoOp)],
            "P??",
        ),
        (
            "beyond something that stays",
            vec![
                on_role("x.a", Delete, "before"),
                ("x.b", Create, "after", NOTHING, &["x.between"]),
                ("x.between", NoOp, "", NOTHING, &["x.role"]),
                role(DeleteCreate),
            ],
            "P?P",
        ),
        (
            "made after its replacement",
            vec![doing("x.a", DeleteCreate, "before"), ("x.b", Create, "after", NOTHING, &["x.a"])],
            "P?P",
        ),
        (
            "made before the old one is dropped",
            vec![doing("x.a", CreateDelete, "before"), ("x.b", Create, "after", NOTHING, &["x.a"])],
            "P?A",
        ),
        (
            "updated before the old one is dropped",
            vec![doing("x.a", CreateDelete, "before"), ("x.b", Update, "after", &["x.a"], NOTHING)],
            "P?A",
        ),
        (
            "updated after what it rested on is replaced",
            vec![doing("x.a", DeleteCreate, "before"), ("x.b", Update, "after", &["x.a"], NOTHING)],
            "P?P",
        ),
        (
            "updated after what rested on it is deleted first",
            vec![("x.a", DeleteCreate, "before", &["x.b"], &["x.b"]), doing("x.b", Update, "after")],
            "P?P",
        ),
        // Whether a plain deletion waits for its users is in the state and in no plan.
        ("updated beside a plain deletion", vec![goes(), ("x.b", Update, "after", &["x.a"], NOTHING)], "P??"),
        (
            "in another instance of the module",
            vec![
                doing("module.m[\"a.b\"].x.a", DeleteCreate, "before"),
                ("module.m[\"c\"].x.b", Create, "after", NOTHING, &["module.m.x.a"]),
            ],
            "P??",
        ),
        (
            "in the same instance of the module",
            vec![
                doing("module.m[\"a.b\"].x.a[0]", DeleteCreate, "before"),
                ("module.m[\"a.b\"].x.b", Create, "after", NOTHING, &["module.m.x.a"]),
            ],
            "P?P",
        ),
    ];
    assert_all(cases, |fact| fact.natural_key = true);
}

#[test]
fn a_deletion_is_why_a_standing_attachment_goes() {
    let doings = [doing("x.a", Action::Delete, "before"), doing("x.b", Action::NoOp, "both")];
    let estate = joined(&doings, |fact| fact.natural_key = true);
    let node = estate.nodes.iter().find(|node| node.class == Class::Membership).unwrap();
    let only = |changes: &[u32]| {
        let side = |change: Option<ChangeIx>| {
            if change.is_some_and(|change| changes.contains(&change.0)) {
                Stage::After
            } else {
                Stage::Before
            }
        };
        presence(node, side)
    };
    assert_eq!((only(&[]), only(&[0])), (Presence::Present, Presence::Absent));
}

#[test]
fn what_starts_anew() {
    let started = |action: Action, says, restarts: bool| {
        let estate = joined(&[doing("x.a", action, says)], |fact| {
            fact.class = Class::Workload;
            fact.content = Content::Thing;
            fact.names = vec![Alias::new("address", "x.a")];
            fact.restarts = restarts;
        });
        estate.nodes[0].restarted_by.len()
    };
    use Action::{Create, CreateDelete, Delete, DeleteCreate, Forget, ForgetCreate, Update};
    for action in [Create, CreateDelete, DeleteCreate, ForgetCreate, unknown_action()] {
        assert_eq!(started(action.clone(), "both", false), 1, "{action}");
    }
    assert_eq!(started(Update, "both", true), 1);
    for (action, says) in [(Update, "both"), (Forget, "both"), (Delete, "before"), (Action::NoOp, "both")] {
        assert_eq!(started(action.clone(), says, false), 0, "{action}");
    }
}

#[test]
fn ends_are_those_of_who_decides() {
    let at = |days: f64| Horizon::exactly(Moment::At(instant(days)));
    let until = |end: Option<Horizon>| end.map(|horizon| Box::new(End { horizon, because: None }));
    let ends = |doings: &[Doing], told: &dyn Fn(&mut Fact)| {
        let estate = joined(doings, |fact| told(fact));
        estate.nodes.iter().find(|node| node.class == Class::Membership).unwrap().end.as_deref().copied()
    };
    let told =
        |before, after, change: Option<u32>| Some(Ends { before, after, change: change.map(ChangeIx) });
    let standing = [doing("x.a", Action::NoOp, "both")];
    let updated = [doing("x.a", Action::Update, "both")];
    assert_eq!(ends(&standing, &|_| ()), None);
    assert_eq!(ends(&standing, &|fact| fact.end = until(Some(at(5.0)))), told(at(5.0), at(5.0), None));
    let sooner =
        |fact: &mut Fact| fact.end = until(Some(at(if fact.side == Side::Before { 9.0 } else { 3.0 })));
    assert_eq!(ends(&updated, &sooner), told(at(9.0), at(3.0), Some(0)));
    let dropped = |fact: &mut Fact| fact.end = until((fact.side == Side::Before).then(|| at(9.0)));
    assert_eq!(ends(&updated, &dropped), told(at(9.0), Horizon::exactly(Forever), Some(0)));
    // A listing fills in what no plan tells, and does not hold against one that does.
    let beside = [doing("x.a", Action::Update, "both"), doing("listed", Action::NoOp, "both")];
    let some_day = Horizon::exactly(Eventually);
    let listed = |fact: &mut Fact, planned: Option<Horizon>| {
        let is_listing = fact.evidence.pointer.as_ref() == "/1";
        fact.managed = !is_listing;
        fact.end = until(if is_listing { Some(some_day) } else { planned });
    };
    assert_eq!(ends(&beside, &|fact| listed(fact, None)), told(some_day, some_day, None));
    assert_eq!(ends(&beside, &|fact| listed(fact, Some(at(2.0)))), told(at(2.0), at(2.0), None));
    // Two that say the same: it ends with the last of them.
    let two = [doing("x.a", Action::NoOp, "both"), doing("x.b", Action::NoOp, "both")];
    let each = |fact: &mut Fact| {
        fact.end = until(Some(at(if fact.evidence.pointer.as_ref() == "/0" { 1.0 } else { 2.0 })))
    };
    assert_eq!(ends(&two, &each), told(at(2.0), at(2.0), None));
}
