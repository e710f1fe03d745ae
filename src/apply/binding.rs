//! What of the environment a request is bound to.
//!
//! The same plan with the same state can still be applied to another account, by another identity, with other
//! providers: the environment says which. So the request has a digest of each variable that says *where*, *as whom* or
//! *with what*, and `apply` demands the same. Left out are:
//!
//! * secrets (tokens, passwords, keys, client secrets). They are new for each job; and a request is read by many, so
//!   that the digest of a short one would be as good as the secret.
//! * `TF_VAR_…`: the plan holds the values, and terraform refuses others. Ephemeral ones are in no plan; they are
//!   secrets by their nature.
//! * `TF_CLI_ARGS…`: their words are judged as arguments.
//! * what is only shown, logged or timed: it may differ between two jobs.
//! * files and sockets that a job makes anew, and marks that a pipeline leaves.

use crate::model::{Digest, Variables};
use serde::{Deserialize, Serialize};

/// A variable that an approval is bound to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// Its name.
    pub name: String,
    /// Of its name and value: two variables of one value do not show it.
    pub digest: Digest,
}

/// Whose variables change what an apply does.
const PREFIXES: [&str; 7] = ["TF_", "AWS_", "ARM_", "GOOGLE_", "VAULT_", "CLOUDSDK_", "KUBE_"];

/// Part of the name of what is secret.
const SECRET: [&str; 10] = [
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "CREDENTIALS",
    "API_KEY",
    "ENCRYPTION_KEY",
    "PASSPHRASE",
];

/// What is neither secret nor changes what is done, by its name or, with `*`, how it begins.
const FREE: [&str; 27] = [
    "TF_VAR_*",
    "TF_CLI_ARGS*",
    "TF_LOG*",
    "TF_INPUT",
    "TF_IN_AUTOMATION",
    "TF_APPEND_USER_AGENT",
    "TF_PLUGIN_CACHE_DIR",
    "TF_PLUGIN_TIMEOUT",
    "TF_REGISTRY_*",
    "TF_PROVIDER_DOWNLOAD_*",
    "TF_DATA_DIR",
    "TF_CLI_CONFIG_FILE",
    "TF_ENCRYPTION",
    "TF_STATE_PERSIST_INTERVAL",
    "AWS_EXECUTION_ENV",
    "AWS_PAGER",
    "AWS_CLI_*",
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_SDK_UA_APP_ID",
    // One per process, with a port of its own.
    "AWS_CONTAINER_*",
    "AWS_ROLE_SESSION_NAME",
    "ARM_OIDC_REQUEST_URL",
    "ARM_OIDC_TOKEN_FILE_PATH",
    "VAULT_MAX_RETRIES",
    "VAULT_CLIENT_TIMEOUT",
    "KUBE_CONFIG_PATH*",
];

/// The variables that change what an apply does, by name, with digests and never with values.
pub fn binding(environment: &Variables) -> Vec<Bound> {
    let mut found = Vec::new();
    for (name, value) in environment.iter().filter(|(_, value)| !value.is_empty()) {
        let Some(name) = name.to_str().filter(|name| binds(name)) else { continue };
        let text =
            [b"mainstay.dev/environment/v1\0", name.as_bytes(), b"\0", value.as_encoded_bytes()].concat();
        found.push(Bound { name: name.to_owned(), digest: Digest::of(&text) });
    }
    found
}

fn binds(name: &str) -> bool {
    let free = FREE.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *known,
    });
    // The names of files with tokens are as secret as a path is; but a job makes them anew.
    let secret = SECRET.iter().any(|part| name.contains(part));
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) && !free && !secret
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_and_as_whom_is_bound_and_secrets_are_not() {
        let bound = [
            "TF_WORKSPACE",
            "TF_HTTP_ADDRESS",
            "TF_CLOUD_ORGANIZATION",
            "TF_REATTACH_PROVIDERS",
            "AWS_REGION",
            "AWS_PROFILE",
            "AWS_ROLE_ARN",
            "AWS_ENDPOINT_URL_S3",
            "ARM_SUBSCRIPTION_ID",
            "ARM_TENANT_ID",
            "ARM_CLIENT_ID",
            "ARM_USE_OIDC",
            "GOOGLE_PROJECT",
            "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
            "VAULT_ADDR",
            "VAULT_NAMESPACE",
            "CLOUDSDK_CORE_PROJECT",
            "KUBE_CTX",
            "KUBE_HOST",
        ];
        for name in bound {
            assert!(binds(name), "{name}");
        }
        let free = [
            "TF_VAR_password",
            "TF_TOKEN_app_terraform_io",
            "TF_LOG",
            "TF_LOG_PATH",
            "TF_CLI_ARGS_apply",
            "TF_HTTP_PASSWORD",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "AWS_SESSION_TOKEN",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "ARM_CLIENT_SECRET",
            "ARM_OIDC_TOKEN",
            "GOOGLE_CREDENTIALS",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "GOOGLE_OAUTH_ACCESS_TOKEN",
            "VAULT_TOKEN",
            "KUBE_TOKEN",
            "KUBE_CONFIG_PATH",
            "PATH",
            "HOME",
            "TFX",
        ];
        for name in free {
            assert!(!binds(name), "{name}");
        }
    }

    #[test]
    fn digests_are_of_name_and_value_and_show_neither() {
        let of = |pairs: &[(&str, &str)]| {
            binding(&pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
        };
        let found =
            of(&[("TF_WORKSPACE", "prod"), ("AWS_PROFILE", "prod"), ("ARM_TENANT_ID", ""), ("LANG", "C")]);
        let names: Vec<&str> = found.iter().map(|bound| bound.name.as_str()).collect();
        assert_eq!(names, ["AWS_PROFILE", "TF_WORKSPACE"]);
        assert_ne!(found[0].digest, found[1].digest);
        assert_eq!(found, of(&[("AWS_PROFILE", "prod"), ("TF_WORKSPACE", "prod")]));
        assert_ne!(found, of(&[("AWS_PROFILE", "prod"), ("TF_WORKSPACE", "test")]));
        assert!(!serde_json::to_string(&found).unwrap().contains("prod"));
    }
}
