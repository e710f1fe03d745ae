//! Plain data that every other module speaks: moments, objects, facts, nodes, needs, declarations.

mod context;
mod declare;
mod moment;
mod name;
mod node;
mod object;
mod pattern;
mod plan;
mod source;
mod text;

pub use context::Context;
pub use declare::*;
pub use moment::{Horizon, Instant, Moment};
pub use name::*;
pub use node::*;
pub use object::*;
pub use pattern::Glob;
pub use plan::*;
pub use source::*;
pub use text::{NotText, decode_text};
