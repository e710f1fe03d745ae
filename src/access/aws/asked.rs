//! What is asked of a policy.

/// One action on one resource, or all that two patterns of another policy match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    /// Actions and resources that nobody misses: the other policy leaves them out itself.
    pub(super) except: Vec<&'a str>,
    /// It is one request, and no pattern of many: a star is then what actions that are about no resource are asked on.
    pub(super) single: bool,
    /// The condition under which it is missed: an equal one is no doubt.
    pub(super) condition: Option<&'a str>,
}
