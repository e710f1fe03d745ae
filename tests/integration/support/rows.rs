//! Tables of changes to a scene, and what must come of each.

use super::scene::Scene;

/// What must come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comes {
    /// Nothing above a note.
    Quiet,
    /// The workload falls, certainly or perhaps.
    Loss,
    /// It may fall, which is a warning: few such things come to that.
    Doubt,
}
use Comes::{Doubt, Loss, Quiet};

pub type Row = (&'static str, &'static str, Comes, Box<dyn Fn(&mut Scene)>);

pub fn row(
    issue: &'static str,
    what: &'static str,
    comes: Comes,
    change: impl Fn(&mut Scene) + 'static,
) -> Row {
    (issue, what, comes, Box::new(change))
}

/// Judges all rows, each on a scene of its own, and tells of all that are wrong at once.
pub fn judge(scene: &Scene, rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for (issue, what, comes, change) in rows {
        let mut scene = scene.clone();
        change(&mut scene);
        let judged = scene.check();
        let falls = judged.by_plan("breaks-workload");
        let doubts = judged.by_plan("evicts-access");
        let good = match comes {
            Quiet => judged.code == 0 && judged.loud().is_empty() && falls.is_empty(),
            Loss => judged.code == 3 && !falls.is_empty(),
            Doubt => judged.code == 0 && falls.is_empty() && doubts.iter().any(|one| one["level"] == "warn"),
        };
        if !good {
            wrong.push(format!(
                "{issue}: {what}: {comes:?} expected, code {}: {:?}",
                judged.code,
                judged.loud()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
