//! What several rules say in the same way: subjects, affected workloads, proofs, doubts.

use super::{Judged, in_words};
use crate::estate::{
    CauseOf, Doubtful, Estate, Loss, Outcome, ProofStep, Scenario, Stage, doubts, first_failure, hidden,
    presence, prove, trigger,
};
use crate::model::{
    Action, Change, ChangeIx, Class, Criticality, Level, Moment, Node, NodeIx, Phase, Presence, RuleId, Side,
    Source, UndoClass, hex, minute, short_scope,
};
use crate::verdict::{
    Affected, Cause, CauseChange, Certainty, EvidenceText, Fall, Finding, Step, Subject, Undo,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

impl<'a> Judged<'a> {
    /// A change; `None` only for an index of another run.
    pub fn change(&self, index: ChangeIx) -> Option<&'a Change> {
        self.changes.get(index.0 as usize)
    }

    /// Path of the plan of a change.
    pub fn plan_of(&self, change: &Change) -> String {
        self.plans.get(change.plan).map(|plan| plan.path.clone()).unwrap_or_default()
    }

    /// Nodes that a plan removes, each with the change that does.
    pub fn removed(&self) -> impl Iterator<Item = (NodeIx, &'a Node, ChangeIx)> + use<'a> {
        let (estate, scenario) = (self.estate, &self.outcome.held.scenario);
        estate.indices().filter_map(move |index| {
            let node = estate.node(index)?;
            let (was, is) = (presence(node, |_| Stage::Before), scenario.presence(index, node));
            if was == Presence::Absent || is >= was {
                return None;
            }
            Some((index, node, taken_by(scenario, node)?))
        })
    }

    /// The same, but for what is merely carried by something that goes with it: one deletion is said once.
    pub fn removed_things(&self) -> impl Iterator<Item = (NodeIx, &'a Node, ChangeIx)> + use<'a> {
        let itself = is_object;
        let whole: BTreeSet<ChangeIx> =
            self.removed().filter(|(_, node, _)| itself(node)).map(|(_, _, change)| change).collect();
        let takes_away = |index: &NodeIx| self.estate.denying.contains(index);
        let removed = self.removed().filter(move |(index, ..)| !takes_away(index));
        removed.filter(move |(_, node, change)| itself(node) || !whole.contains(change))
    }

    /// Whether something else surely gives all that a grant gave.
    pub fn is_covered(&self, grant: NodeIx) -> bool {
        let allowance = self.estate.allowances.get(&grant);
        allowance.is_some_and(|allowance| self.falls().of(*allowance).is_none())
    }

    /// Whether a plan takes it away, or what it gives, without naming it: that is said by itself.
    pub fn is_evicted(&self, node: NodeIx) -> bool {
        let evicted = self.estate.evicted.iter().map(|evicted| (evicted.grant, evicted.change));
        let denied = self.estate.denied.iter().map(|denied| (denied.grant, denied.change));
        evicted.chain(denied).any(|(grant, change)| grant == node && self.makes(change))
    }

    /// The change that takes a node away, or one of its carriers.
    pub fn taken(&self, node: &Node) -> Option<ChangeIx> {
        taken_by(&self.outcome.held.scenario, node)
    }

    /// The node as the subject of a finding.
    pub fn subject(&self, node: &Node, change: Option<ChangeIx>) -> Subject {
        let change = change.and_then(|change| self.change(change));
        Subject {
            id: node.id.to_string(),
            kind: node.class.word().to_owned(),
            address: change
                .map(|change| change.address.to_string())
                .or_else(|| node.address.as_ref().map(ToString::to_string)),
            action: change.map(|change| change.action.tally().to_owned()),
            reason: change.and_then(reason_in_words),
        }
    }

    /// A change as a cause.
    pub fn cause(&self, change: ChangeIx, sufficient: bool, necessary: bool) -> Option<CauseChange> {
        let change = self.change(change)?;
        Some(CauseChange {
            address: change.address.to_string(),
            plan: self.plan_of(change),
            sufficient,
            necessary,
        })
    }

    /// Workloads among these nodes, as they fall by the whole plan, worst first.
    pub fn affected(&self, nodes: &[NodeIx]) -> Vec<Affected> {
        affected_by(self.outcome, nodes)
    }

    /// Workloads that fall by this change, alone or with others.
    pub fn fall_by(&self, change: ChangeIx) -> Vec<NodeIx> {
        let mut nodes: Vec<NodeIx> = self
            .causes
            .iter()
            .filter(|cause| cause.changes.contains(&change))
            .flat_map(|cause| cause.falls.iter().copied())
            .collect();
        nodes.sort();
        nodes.dedup();
        nodes
    }

    /// What falls by these changes alone.
    pub fn only(&self, changes: &[ChangeIx]) -> Outcome<'a> {
        self.before.evaluator.outcome(Scenario::only(changes.iter().copied().collect()))
    }

    /// The changes of a cause, as a finding tells them.
    pub fn causes_in(&self, cause: &CauseOf) -> Vec<CauseChange> {
        let changes = cause.changes.iter().zip(&cause.necessary);
        changes.filter_map(|(change, necessary)| self.cause(*change, cause.alone, *necessary)).collect()
    }

    /// Which of these nodes a finding speaks of.
    pub fn index_of(&self, nodes: &[NodeIx], affected: &Affected) -> Option<NodeIx> {
        let is =
            |index: &NodeIx| self.estate.node(*index).is_some_and(|node| node.id.as_str() == affected.node);
        nodes.iter().copied().find(is)
    }

    /// Whether it is a critical workload.
    pub fn is_critical(&self, index: NodeIx) -> bool {
        let tag = self.estate.node(index).and_then(|node| node.workload.as_ref());
        tag.is_some_and(|tag| tag.criticality == Criticality::Critical)
    }

    /// The proof of a fall.
    pub fn proof(&self, node: NodeIx) -> Vec<ProofStep> {
        prove(self.outcome, node)
    }

    /// The proof of a fall by these changes alone, so that it leads to them and not to others of the plan.
    pub fn proof_by(&self, changes: &[ChangeIx], node: NodeIx) -> Vec<ProofStep> {
        let outcome = self.only(changes);
        match outcome.falls.of(node) {
            Some(_) => prove(&outcome, node),
            None => self.proof(node),
        }
    }

    /// The object that a change is about: the end of the proof, where that is it.
    pub fn changed(&self, change: ChangeIx, proof: &[ProofStep]) -> Option<&'a Node> {
        let estate = self.estate;
        let by = |node: &&'a Node| node.claims.iter().any(|claim| claim.change == Some(change));
        let leaf = proof.last().and_then(|step| estate.node(step.node)).filter(by);
        leaf.or_else(|| estate.nodes.iter().find(|node| by(node) && node.class != Class::Capability))
    }

    /// The changes by which a thing comes, or comes to need something, or something else by the same need.
    pub fn made_by(&self, node: &Node) -> BTreeSet<ChangeIx> {
        let claims =
            node.claims.iter().filter(|claim| claim.before < claim.after).filter_map(|claim| claim.change);
        let needs = node.needs.iter().filter_map(|need| need.change);
        let supports = node.needs.iter().flat_map(|need| &need.supports);
        let supports = supports.filter(|support| support.side != Side::Before).filter_map(|one| one.change);
        claims.chain(needs).chain(supports).filter(|change| self.makes(*change)).collect()
    }

    /// The proof as printed.
    pub fn steps(&self, proof: &[ProofStep]) -> Vec<Step> {
        steps_of(self.estate, self.sources, proof, self.changes)
    }

    /// Why a fall hangs on something that is not known: in words, and whether it is input that should be there.
    pub fn doubts(&self, node: NodeIx) -> (Vec<String>, bool) {
        self.reasons(doubts(self.outcome, node))
    }

    /// What a fall that is not certain is hidden behind, if nothing is unknown about it.
    pub fn hidden(&self, node: NodeIx) -> Option<String> {
        let found = hidden(self.outcome, &self.proof(node))?;
        let behind = self.estate.node(found.behind)?;
        let thing = format!("{} {}", behind.class.word(), called(behind));
        Some(match found.until {
            Moment::Never => format!("hidden behind: {thing} does not hold already"),
            Moment::At(end) => format!("hidden behind: {thing} ends {} already", minute(end)),
            Moment::Eventually | Moment::Forever => {
                format!("hidden behind: {thing} ends already, on a day that is not known")
            }
        })
    }

    /// Doubts in words, and whether one of them is input that should be there.
    pub fn reasons(&self, found: Vec<Doubtful>) -> (Vec<String>, bool) {
        in_words(self.estate, self.sources, self.changes, found)
    }

    /// A finding with everything that rules do not say themselves left empty.
    pub fn finding(&self, rule: &str, title: String, subject: Subject, help: &str) -> Finding {
        Finding {
            rule: RuleId::new(rule),
            level: Level::Note,
            cause: Cause::Plan,
            certainty: Certainty::Certain,
            title,
            fingerprint: String::new(),
            location: None,
            subject,
            causes: Vec::new(),
            affects: Vec::new(),
            path: Vec::new(),
            lost: Vec::new(),
            covered_by: Vec::new(),
            unknown_because: Vec::new(),
            undo: None,
            undo_note: None,
            help: help.to_owned(),
            missing_input: false,
            looked_at: None,
            limits: Vec::new(),
            members: Vec::new(),
        }
    }
}

fn taken_by(scenario: &Scenario, node: &Node) -> Option<ChangeIx> {
    let gone = node.claims.iter().filter(|claim| claim.before > claim.after);
    gone.filter_map(|claim| claim.change).find(|change| scenario.makes(*change))
}

/// What people call a node in a sentence: the scope of a grant by its last parts.
pub fn called(node: &Node) -> String {
    match &node.access {
        Some(access) if !access.scope.is_empty() => {
            node.name.replace(&access.scope, short_scope(&access.scope))
        }
        _ => node.name.clone(),
    }
}

/// Whether it stands for an object itself, and not for what an object carries.
pub fn is_object(node: &Node) -> bool {
    node.aliases.iter().any(|alias| alias.space() == "address")
}

/// What an update in place does to an object that is as good as gone after it, though it is kept: in words.
pub fn turns_off(node: &Node, change: &Change) -> Option<&'static str> {
    if change.action != Action::Update || !is_object(node) {
        return None;
    }
    match presence(node, |_| Stage::After) {
        Presence::Absent => Some("turns off"),
        Presence::Unknown => Some("may change or turn off"),
        Presence::Present => None,
    }
}

/// What a plan does to what it takes away, where it says what it does; in words.
pub fn destroys(node: &Node) -> &'static str {
    if presence(node, |_| Stage::After) == Presence::Unknown { "may destroy" } else { "destroys" }
}

/// Sets what undoing costs: an object that is updated in place is not made again, but changed back.
pub fn with_undo(finding: &mut Finding, node: &Node) {
    let Some(cost) = &node.undo else { return };
    let update = finding.subject.action.as_deref() == Some("update");
    if update && (is_object(node) || cost.undo == UndoClass::Restorable && cost.note.is_none()) {
        finding.undo = Some(Undo::Restorable);
        finding.undo_note = Some("what the update changes can be changed back".to_owned());
        return;
    }
    let (undo, own) = match cost.undo {
        UndoClass::Restorable => (Undo::Restorable, "it can be created again".to_owned()),
        UndoClass::Window(days) => (Undo::Window, format!("it can be brought back for {days} days")),
        UndoClass::NewIdentity => (Undo::NewIdentity, "made anew, it is somebody else".to_owned()),
        UndoClass::Lost => (Undo::Lost, "it cannot be brought back".to_owned()),
    };
    finding.undo = Some(undo);
    finding.undo_note = Some(cost.note.as_deref().map_or(own, str::to_owned));
}

/// Ends a finding: its certainty from whom it hits, its fingerprint from what it is about.
pub fn finish(finding: Finding) -> Finding {
    finish_of(finding, "")
}

/// The same, where several findings of a rule are about one object: `of` tells them apart.
pub fn finish_of(mut finding: Finding, of: &str) -> Finding {
    if let Some(strongest) = finding.affects.iter().map(|affected| affected.certainty).max() {
        finding.certainty = strongest;
    }
    let mut hash = Sha256::new();
    let causes: Vec<&str> = finding.causes.iter().map(|cause| cause.address.as_str()).collect();
    let of = Some(of).filter(|of| !of.is_empty());
    for part in [finding.rule.as_str(), &finding.subject.id].into_iter().chain(causes).chain(of) {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    finding.fingerprint = hex(&hash.finalize()).chars().take(16).collect();
    finding
}

/// Terraform's reason and what else tells this change from others, in words.
fn reason_in_words(change: &Change) -> Option<String> {
    let why = match change.reason.as_deref() {
        Some("delete_because_no_resource_config") if change.action != Action::Forget => {
            "no longer in configuration"
        }
        Some("delete_because_no_module") => "its module is no longer called",
        Some("delete_because_wrong_repetition") => "count and for_each changed",
        Some("delete_because_count_index") => "its index is beyond count",
        Some("delete_because_each_key") => "its key is gone from for_each",
        Some("delete_because_no_move_target") => "moved to an address without configuration",
        Some("replace_because_cannot_update") => "cannot be updated in place",
        Some("replace_because_tainted") => "it is tainted",
        Some("replace_by_request") => "replacement was asked for",
        Some("replace_by_triggers") => "replace_triggered_by",
        _ => "",
    };
    let order = match change.action {
        Action::DeleteCreate => "deleted, then created",
        Action::CreateDelete => "created, then deleted",
        Action::Other(_) => "by an action that this version does not know",
        _ => "",
    };
    let deposed = change.deposed.as_ref().map(|key| format!("deposed object {key}")).unwrap_or_default();
    let parts: Vec<&str> = [why, order, &deposed].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { None } else { Some(parts.join(", ")) }
}

/// Workloads among these nodes, as they fall, worst first.
pub fn affected_by(outcome: &Outcome<'_>, nodes: &[NodeIx]) -> Vec<Affected> {
    let estate = outcome.held.evaluator.estate;
    let mut out: Vec<Affected> = nodes
        .iter()
        .filter_map(|index| {
            let (node, loss) = (estate.node(*index)?, outcome.falls.of(*index)?);
            affected(outcome, node, loss)
        })
        .collect();
    out.sort_by(|one, other| {
        (other.criticality, other.certainty, one.until.possible, &one.node).cmp(&(
            one.criticality,
            one.certainty,
            other.until.possible,
            &other.node,
        ))
    });
    out
}

fn affected(outcome: &Outcome<'_>, node: &Node, loss: &Loss) -> Option<Affected> {
    let tag = node.workload.as_ref()?;
    // A need whose loss is hidden behind an earlier end leaves the node's own horizon as it was.
    let until = loss.until;
    Some(Affected {
        workload: tag.name.clone(),
        node: node.id.to_string(),
        kind: node.kind.to_string(),
        criticality: tag.criticality,
        fall: if loss.removed() { Fall::Removed } else { Fall::Starved },
        until,
        was: loss.was,
        trigger: trigger(outcome, loss),
        first_failure_at: if loss.removed() { None } else { first_failure(outcome, loss.node) },
        breaks_at: match until.possible {
            Moment::At(instant) => Some(instant),
            _ => None,
        },
        certainty: Certainty::of(loss.certain),
    })
}

/// A proof as printed: nodes that follow from others are shown as the thing that they are about, and neighbours that
/// show as the same thing are one step.
pub fn steps_of(estate: &Estate, sources: &[Source], proof: &[ProofStep], changes: &[Change]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (position, step) in proof.iter().enumerate() {
        let Some(own) = estate.node(step.node) else { continue };
        let shown = estate.shown(own);
        let need = step.need.and_then(|number| own.needs.get(number));
        let last = position + 1 == proof.len();
        let printed = Step {
            node: shown.id.to_string(),
            kind: shown.class.word().to_owned(),
            address: shown.address.as_ref().map(ToString::to_string),
            need: need.map(|need| need.label.clone()),
            because: because(estate, step, own, need, last, changes),
            evidence: evidence(sources, shown, need.and_then(|need| need.entry.as_deref())),
        };
        match steps.last_mut() {
            Some(previous) if previous.node == printed.node => {
                if printed.need.is_some() {
                    previous.need = printed.need;
                }
                previous.because = printed.because.or(previous.because.take());
            }
            _ => steps.push(printed),
        }
    }
    steps.extend(meaning_changed(estate, sources, proof, changes));
    steps
}

/// The object behind the last step, where that itself stays and a change makes it mean something else: the policy of an
/// attachment.
fn meaning_changed(
    estate: &Estate,
    sources: &[Source],
    proof: &[ProofStep],
    changes: &[Change],
) -> Option<Step> {
    let [.., above, last] = proof else { return None };
    let (node, need) = (estate.node(above.node)?, above.need?);
    let supports = node.needs.get(need)?.supports.iter().filter(|support| support.node == last.node);
    let change = supports.into_iter().find_map(|support| support.change)?;
    let is_it = |node: &&Node| {
        node.class != Class::Capability && node.claims.iter().any(|claim| claim.change == Some(change))
    };
    let changed = estate.nodes.iter().find(is_it).filter(|changed| changed.id != estate.shown(node).id)?;
    let made = changes.get(change.0 as usize)?;
    let own = estate.node(last.node)?.claims.iter().any(|claim| claim.change == Some(change));
    (!own).then(|| Step {
        node: changed.id.to_string(),
        kind: changed.class.word().to_owned(),
        address: Some(made.address.to_string()),
        need: None,
        because: Some(format!("{} by this plan", past(&made.action))),
        evidence: evidence(sources, changed, None),
    })
}

fn because(
    estate: &Estate,
    step: &ProofStep,
    node: &Node,
    need: Option<&crate::model::Need>,
    last: bool,
    changes: &[Change],
) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    if let Some(Phase::Renew { end, at, .. }) = need.map(|need| need.phase) {
        if let Some(end) = end {
            parts.push(format!("valid until {}", minute(end)));
        }
        if let Some(at) = at {
            parts.push(format!("renewal due {}", minute(at)));
        }
    }
    if let Some(need) = need.filter(|need| need.strength == crate::model::Strength::Assumed) {
        let why = match need.entry.as_deref() {
            Some("terraform dependencies") => "terraform orders it so, nothing shows that it breaks without",
            Some("another workspace's outputs") => {
                "it reads an output made of this, nothing shows that it breaks without"
            }
            Some(entry) if entry.contains(".toml#") => "nothing shows that it breaks without",
            Some("equal identities") => "it names this, nothing shows that it breaks without",
            _ => "its identity has this grant, nothing shows that it uses it",
        };
        parts.push(format!("assumed: {why}"));
    }
    if let Some(looked) = estate.looked_at.get(&step.node)
        && step.others.is_empty()
    {
        parts.push(if looked.grants == 0 {
            "no grant of it is known".to_owned()
        } else {
            format!(
                "nothing else allows it: {} {} looked at, {} on enclosing scopes, {} groups",
                looked.grants,
                if looked.grants == 1 { "grant" } else { "grants" },
                looked.inherited,
                looked.groups
            )
        });
    }
    if let Some(need) = need.filter(|_| last && step.others.is_empty()) {
        parts.push(match need.label.strip_prefix("uses ") {
            Some(used) => format!("it uses {used}, and nothing here is that"),
            None => format!("it needs {}, and nothing here is that", need.label),
        });
    }
    for (other, doubt) in step.others.iter().take(3) {
        let Some(other) = estate.node(*other) else { continue };
        // As what it is about; its own key is for nobody to read.
        let other = estate.shown(other);
        match doubt {
            Some(unknown) => parts.push(unknown.reason.clone()),
            None => parts.push(format!("{} does not carry it either", other.id)),
        }
    }
    if step.others.len() > 3 {
        parts.push(format!("and {} more", step.others.len() - 3));
    }
    if last && need.is_none() {
        let change =
            node.claims.iter().filter(|claim| claim.before > claim.after).find_map(|claim| claim.change);
        match change.and_then(|change| changes.get(change.0 as usize)) {
            Some(change) => parts.push(format!("{} by this plan", past(&change.action))),
            None if node.claims.iter().all(|claim| claim.before == Presence::Absent)
                && !node.claims.is_empty() =>
            {
                parts.push("it is not there".to_owned());
            }
            None => {}
        }
    }
    if parts.is_empty() { None } else { Some(parts.join("; ")) }
}

fn past(action: &Action) -> &'static str {
    match action {
        Action::Delete => "deleted",
        Action::Update => "changed",
        Action::DeleteCreate | Action::CreateDelete => "replaced",
        Action::Create => "created",
        _ => "taken away",
    }
}

fn evidence(sources: &[Source], node: &Node, entry: Option<&str>) -> EvidenceText {
    let claim = node
        .claims
        .iter()
        .find(|claim| claim.managed && claim.change.is_some())
        .or_else(|| node.claims.first());
    let told = claim.and_then(|claim| {
        let source = sources.get(claim.evidence.source.0 as usize)?;
        Some(EvidenceText { source: source.path.clone(), pointer: Some(claim.evidence.pointer.to_string()) })
    });
    told.unwrap_or_else(|| EvidenceText {
        source: entry.unwrap_or("follows from what it rests on").to_owned(),
        pointer: None,
    })
}
