//! Which commands give files that can be read, and complete ones.

use std::collections::BTreeSet;

/// Listings and kinds of sources, each with a command that gives a complete file.
pub(super) const RECOGNISED: [(&str, &str); 54] = [
    ("azure:role-assignments", "az role assignment list --all --include-inherited -o json"),
    ("azure:role-definitions", "az role definition list -o json"),
    ("azure:deny-assignments", "az role deny-assignment list -o json"),
    ("azure:identities", "az identity list -o json"),
    (
        "azure:federated-credentials",
        "az identity federated-credential list --identity-name NAME -g GROUP -o json",
    ),
    ("azure:service-principals", "az ad sp list --all -o json"),
    ("azure:applications", "az ad app list --all -o json"),
    ("azure:group-members", "az ad group member list --group GROUP -o json"),
    ("aws:users", DETAILS),
    ("aws:groups", DETAILS),
    ("aws:roles", DETAILS),
    ("aws:policies", DETAILS),
    ("aws:access-keys", "aws iam list-access-keys --user-name USER --output json"),
    ("aws:server-certificates", "aws iam list-server-certificates --output json"),
    (
        "aws:certificates",
        "aws acm list-certificates --includes keyTypes=RSA_1024,RSA_2048,RSA_3072,RSA_4096,EC_prime256v1,EC_secp384r1,EC_secp521r1 --output json",
    ),
    ("aws:certificate", "aws acm describe-certificate --certificate-arn ARN --output json"),
    ("aws:listeners", "aws elbv2 describe-listeners --load-balancer-arn ARN --output json"),
    (
        "aws:listener-certificates",
        "aws elbv2 describe-listener-certificates --listener-arn ARN --output json",
    ),
    ("aws:ecs-services", "aws ecs describe-services --cluster CLUSTER --services NAME… --output json"),
    (
        "aws:pod-identity-associations",
        "aws eks list-pod-identity-associations --cluster-name CLUSTER --output json",
    ),
    (
        "aws:pod-identity-association",
        "aws eks describe-pod-identity-association --cluster-name CLUSTER --association-id ID --output json",
    ),
    ("aws:instance-profiles", "aws iam list-instance-profiles --output json"),
    ("aws:oidc-providers", "aws iam list-open-id-connect-providers --output json"),
    (
        "aws:oidc-provider",
        "aws iam get-open-id-connect-provider --open-id-connect-provider-arn ARN --output json",
    ),
    ("aws:organization", "aws organizations describe-organization --output json"),
    ("aws:organization-policy", "aws organizations describe-policy --policy-id ID --output json"),
    ("aws:resource-policy", "aws s3api get-bucket-policy --bucket BUCKET --output json"),
    ("aws:resource-policy", "aws kms get-key-policy --key-id KEY-ARN --output json"),
    (
        "aws:resource-policy",
        "aws sqs get-queue-attributes --queue-url URL --attribute-names Policy QueueArn --output json",
    ),
    ("aws:resource-policy", "aws sns get-topic-attributes --topic-arn ARN --output json"),
    ("aws:resource-policy", "aws secretsmanager get-resource-policy --secret-id ARN --output json"),
    ("aws:resource-policy", "aws ecr get-repository-policy --repository-name NAME --output json"),
    (
        "google:iam-policies",
        "gcloud asset search-all-iam-policies --scope=organizations/NUMBER --format=json",
    ),
    ("google:service-accounts", "gcloud iam service-accounts list --project=PROJECT --format=json"),
    (
        "google:service-account-keys",
        "gcloud iam service-accounts keys list --iam-account=EMAIL --format=json",
    ),
    ("google:roles", "gcloud iam roles describe ROLE --project=PROJECT --format=json"),
    (
        "google:deny-policies",
        "gcloud iam policies list --kind=denypolicies --attachment-point=cloudresourcemanager.googleapis.com/projects/PROJECT --format=json",
    ),
    (
        "google:deny-policy",
        "gcloud iam policies get ID --kind=denypolicies --attachment-point=cloudresourcemanager.googleapis.com/projects/PROJECT --format=json",
    ),
    (
        "google:group-members",
        "gcloud identity groups memberships list --group-email=GROUP --view=full --format=json",
    ),
    ("google:iam-policy", "gcloud projects get-iam-policy PROJECT --format=json"),
    ("google:assets", "gcloud asset list --organization=NUMBER --content-type=iam-policy --format=json"),
    ("kubernetes:Secret", "kubectl get secret -A -o json | jq 'del(.items[].data)'"),
    (
        "kubernetes",
        "kubectl get deploy,sts,ds,job,cronjob,pod,sa,ingress,role,clusterrole,rolebinding,clusterrolebinding,certificate,issuer,clusterissuer -A -o json",
    ),
    ("vault:mounts", "vault read -format=json sys/mounts"),
    ("vault:auth-mounts", "vault read -format=json sys/auth"),
    ("vault:mount", "vault read -format=json sys/mounts/MOUNT/tune"),
    ("vault:auth-mount", "vault read -format=json sys/auth/MOUNT/tune"),
    ("vault:token-role", "vault read -format=json auth/token/roles/ROLE"),
    ("vault:approle", "vault read -format=json auth/approle/role/ROLE"),
    ("vault:kubernetes-role", "vault read -format=json auth/kubernetes/role/ROLE"),
    ("vault:database-role", "vault read -format=json database/roles/ROLE"),
    ("vault:lease", "vault lease lookup -format=json LEASE-ID"),
    ("vault:token", "vault token lookup -format=json -accessor ACCESSOR"),
    (
        "launchdarkly:flag-environment",
        "curl -sSf -H \"Authorization: $LAUNCHDARKLY_ACCESS_TOKEN\" https://app.launchdarkly.com/api/v2/flags/PROJECT/FLAG",
    ),
];

/// Users, groups, roles and policies of an account come in one file.
const DETAILS: &str = "aws iam get-account-authorization-details --output json";

/// The programs of these commands, for messages.
pub(super) fn programs() -> String {
    let first = |(_, command): &(&str, &'static str)| command.split(' ').next();
    let programs: BTreeSet<&str> = RECOGNISED.iter().filter_map(first).collect();
    programs.iter().map(|program| format!("`{program}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_named_once() {
        assert_eq!(programs(), "`aws`, `az`, `curl`, `gcloud`, `kubectl`, `vault`");
    }
}
