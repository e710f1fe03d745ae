//! What is asked of a policy.

use super::condition::account;
use super::pattern::actions_meet;
use crate::model::Alias;

/// One action on one resource, or all that two patterns of another policy match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    /// Who asks.
    pub(super) who: &'a Alias,
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    /// Actions and resources that nobody misses: the other policy leaves them out itself.
    pub(super) except: Vec<&'a str>,
    /// It is one request, and no pattern of many: a star is then what actions that are about no resource are asked on.
    pub(super) single: bool,
    /// The condition under which it is missed: an equal one is no doubt.
    pub(super) condition: Option<&'a str>,
}

/// How the policies of both sides count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// One account: either side allows by itself.
    Either,
    /// The resource's policy must allow: by naming who asks, or by leaving it to the account's own policies.
    Resource,
    /// Two accounts: both sides must allow.
    Both,
}

impl Asked<'_> {
    /// Sources: IAM User Guide, "Policy evaluation logic" (within a single account, cross-account); AWS KMS Developer Guide,
    /// "Key policies in AWS KMS".
    pub(super) fn rule(&self) -> Rule {
        let parts: Vec<&str> = self.resource.splitn(6, ':').collect();
        let [_, _, service, _, own, name] = parts.as_slice() else { return Rule::Either };
        let theirs = account(self.who.value());
        let plain = !own.is_empty() && !own.contains(['*', '?', '$']);
        if plain && theirs.is_some_and(|theirs| theirs != *own) {
            return Rule::Both;
        }
        let assumes =
            *service == "iam" && name.starts_with("role/") && actions_meet("sts:assumerole*", self.action);
        let uses_key = *service == "kms" && name.starts_with("key/") && actions_meet("kms:*", self.action);
        let single = !self.resource.contains(['*', '?', '$']);
        if single && (assumes || uses_key) { Rule::Resource } else { Rule::Either }
    }
}
