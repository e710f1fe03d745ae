//! The table of names: who is called what, in which version of the world.

use crate::model::{Alias, Lookup, NodeIx, Side};

/// Who is called what.
#[derive(Debug, Default)]
pub struct Names {
    table: Lookup<Alias, Bearers>,
}

/// Who bears a name: nearly always one.
#[derive(Debug)]
enum Bearers {
    One([(NodeIx, Side); 1]),
    Several(Vec<(NodeIx, Side)>),
}

impl Bearers {
    fn all(&self) -> &[(NodeIx, Side)] {
        match self {
            Bearers::One(one) => one,
            Bearers::Several(all) => all,
        }
    }

    fn add(&mut self, node: NodeIx, side: Side) {
        let bearers = match self {
            Bearers::One(one) => one.as_mut_slice(),
            Bearers::Several(all) => all.as_mut_slice(),
        };
        match bearers.iter_mut().find(|(known, _)| *known == node) {
            Some((_, known)) => *known = known.union(side),
            None => match self {
                Bearers::One([one]) => *self = Bearers::Several(vec![*one, (node, side)]),
                Bearers::Several(all) => all.push((node, side)),
            },
        }
    }
}

/// What a name leads to in one version of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// To these.
    Found(Vec<NodeIx>),
    /// Somebody had the name before and nobody has it after.
    Gone,
    /// Nobody was ever heard of by this name.
    Unheard,
}

impl Names {
    /// Room for so many: a table that grows hashes all that is in it again.
    pub fn with_capacity(many: usize) -> Names {
        Names { table: Lookup::with_capacity(many) }
    }

    /// Notes that the node has this name on this side.
    pub fn add(&mut self, alias: &Alias, node: NodeIx, side: Side) {
        // To one that is put in here, adding it once more adds nothing.
        self.table.or_insert_with(alias.clone(), || Bearers::One([(node, side)])).add(node, side);
    }

    /// Who bears the name on this side (before or after).
    ///
    /// After a plan, who bore it before and ceases to exist is still meant by those who use the name: `absent_after`
    /// tells who that is. Who merely gave the name up is not.
    pub fn resolve(&self, alias: &Alias, side: Side, absent_after: &dyn Fn(NodeIx) -> bool) -> Resolved {
        let Some(bearers) = self.table.get(alias) else { return Resolved::Unheard };
        let on = |wanted: Side| -> Vec<NodeIx> {
            bearers
                .all()
                .iter()
                .filter(|(_, known)| known.both(wanted).is_some())
                .map(|(node, _)| *node)
                .collect()
        };
        let here = on(side);
        if !here.is_empty() {
            return Resolved::Found(here);
        }
        if side == Side::Before {
            return Resolved::Unheard;
        }
        let vanished: Vec<NodeIx> = on(Side::Before).into_iter().filter(|node| absent_after(*node)).collect();
        if vanished.is_empty() { Resolved::Gone } else { Resolved::Found(vanished) }
    }

    /// Whether anybody ever bears the name.
    pub fn knows(&self, alias: &Alias) -> bool {
        self.table.contains(alias)
    }

    /// All who ever bear the name.
    pub fn all(&self, alias: &Alias) -> Vec<NodeIx> {
        self.table
            .get(alias)
            .map(|bearers| bearers.all().iter().map(|(node, _)| *node).collect())
            .unwrap_or_default()
    }
}
