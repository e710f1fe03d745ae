//! Plain data that every other module speaks: moments, objects, facts, nodes, needs, declarations.

mod context;
mod declare;
mod fact;
mod guarded;
mod interest;
mod lookup;
mod moment;
mod name;
mod node;
mod object;
mod pattern;
mod plan;
mod shares;
mod signing;
mod source;
mod statement;
mod suggest;
mod text;

pub use context::Context;
pub use declare::*;
pub use fact::*;
pub use guarded::Guarded;
pub use interest::{Everything, Interest, Wanted};
pub use lookup::Lookup;
pub use moment::{Horizon, Instant, Moment, minute};
pub use name::*;
pub use node::*;
pub use object::*;
pub use pattern::Glob;
pub use plan::*;
pub use shares::{in_shares, share_of};
pub use signing::{Person, Signing};
pub use source::*;
pub use statement::*;
pub use suggest::{did_you_mean, suggest};
pub use text::{NotText, decode_text, hex, told};
