//! Who is at work here, as the surroundings tell it.

use crate::approval::quorum::Identity;
use crate::model::{Context, Person};

/// Variables in which pipelines name the person who set them going.
const ACTORS: [&str; 9] = [
    "GITHUB_TRIGGERING_ACTOR",
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "GITLAB_USER_EMAIL",
    "BUILDKITE_BUILD_CREATOR_EMAIL",
    "BUILD_REQUESTEDFOREMAIL",
    "BITBUCKET_STEP_TRIGGERER_UUID",
    "CIRCLE_USERNAME",
    "ATLANTIS_USER_NAME",
];

/// Who applies: everybody whom the pipeline names; else the user of this machine, if that is somebody of the roster. An
/// account such as `root` or `ci` is no evidence of anybody.
pub(super) fn appliers(context: &Context, people: &[Person]) -> Vec<Identity> {
    let of = |name: &str| context.environment.get(name)?.to_str().map(str::to_owned);
    let named: Vec<Identity> =
        ACTORS.iter().filter_map(|variable| of(variable)).map(|name| identity(vec![name])).collect();
    if !named.is_empty() {
        return named;
    }
    let user: Vec<String> =
        ["USER", "LOGNAME", "USERNAME"].iter().filter_map(|variable| of(variable)).collect();
    let known =
        |name: &String| people.iter().any(|person| person.known_as.contains(name) || person.name == *name);
    user.into_iter().find(known).map(|name| identity(vec![name])).into_iter().collect()
}

fn identity(names: Vec<String>) -> Identity {
    Identity { part: "who applies it".to_owned(), names }
}

/// Who does it, in words, for the ledger.
pub(super) fn by(context: &Context, people: &[Person]) -> String {
    let named = appliers(context, people).into_iter().flat_map(|identity| identity.names);
    let user = ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .filter_map(|name| context.environment.get(name)?.to_str());
    named.chain(user.map(str::to_owned)).next().unwrap_or_else(|| "unknown".to_owned())
}
