//! Signing on the command line.

use super::case::Signers;
use super::error::Error;
use crate::approval::sign::{self, Chosen, Signed, Tools};
use crate::approval::signature::{Answer, Rules};
use crate::model::Context;
use std::path::Path;

/// A key, and who it makes its holder.
pub(super) struct Signer<'a> {
    chosen: Chosen,
    signers: &'a Signers,
    context: &'a Context,
    namespace: &'static str,
    touch: bool,
}

impl<'a> Signer<'a> {
    /// Chooses the key: the one that is named, or the agent's only one that is in the roster.
    pub(super) fn choose(
        key: Option<&Path>,
        namespace: &'static str,
        touch: bool,
        signers: &'a Signers,
        context: &'a Context,
    ) -> Result<Signer<'a>, Error> {
        let key = key.map(|key| context.directory.join(key));
        let chosen =
            sign::choose(key.as_deref(), namespace, &rules(signers, touch, context), &tools(context))?;
        Ok(Signer { chosen, signers, context, namespace, touch })
    }

    /// The person whose key it is; nobody, if the roster does not have it.
    pub(super) fn person(&self) -> Option<String> {
        let mut entries = self.signers.roster.of_key(&self.chosen.public);
        entries.next().map(|entry| entry.person.clone())
    }

    /// Signs.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Signed, Error> {
        let rules = rules(self.signers, self.touch, self.context);
        Ok(sign::sign(message, self.namespace, &self.chosen, &rules, &tools(self.context))?)
    }

    /// Signs with a key that counts: the signature, and the fingerprint of the key.
    pub(super) fn vouch(&self, message: &[u8]) -> Result<(String, String), Error> {
        match self.sign(message)? {
            Signed { armored, answer: Answer::Good { fingerprint, .. } } => Ok((armored, fingerprint)),
            _ => Err(Error::NobodysKey),
        }
    }
}

/// By what a signature is judged here and now.
pub(super) fn rules<'a>(signers: &'a Signers, touch: bool, context: &Context) -> Rules<'a> {
    Rules { roster: &signers.roster, revoked: &signers.revoked, at: context.now, touch }
}

fn tools(context: &Context) -> Tools<'_> {
    Tools {
        search_path: context.search_path(),
        environment: &context.environment,
        temporary: &context.temporary,
    }
}
