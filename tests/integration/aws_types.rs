//! What kinds of things types of the provider hashicorp/aws are: what is data, what lets somebody in, and what only sounds so.
//!
//! Source: documentation of the provider for each type; for what a resource policy is and does, IAM User Guide, "Identity-based
//! policies and resource-based policies".

use serde_json::{Value as Json, json};

use crate::support::amazon::{document, role_arn};
use crate::support::scene::Scene;
use crate::support::story::Judged;

const ANEW: &[&str] = &["delete", "create"];

fn values(id: &str) -> Json {
    json!({"id": id, "arn": format!("arn:aws:x:eu-west-1:111122223333:{id}"), "name": "x"})
}

fn doing(kind: &str, actions: &[&str], before: Json, after: Json) -> Judged {
    let mut scene = Scene::of("");
    scene.doing(&format!("{kind}.x"), actions, before, after);
    scene.check()
}

fn anew() -> Json {
    json!({"id": "?", "arn": "?", "name": "x"})
}

/// A policy that scales, caches or expires allows nobody anything, and a group of parameters is no data.
#[test]
fn what_only_sounds_so() {
    for kind in [
        "aws_autoscaling_policy",
        "aws_appautoscaling_policy",
        "aws_ecr_lifecycle_policy",
        "aws_cloudfront_cache_policy",
        "aws_cloudfront_origin_request_policy",
        "aws_iam_account_password_policy",
        "aws_load_balancer_policy",
        "aws_dlm_lifecycle_policy",
        "aws_route53_traffic_policy",
        "aws_networkfirewall_firewall_policy",
        "aws_elasticache_parameter_group",
        "aws_elasticache_subnet_group",
        "aws_elasticache_user_group",
    ] {
        let judged = doing(kind, &["delete"], values("x"), Json::Null);
        assert_eq!(judged.code, 0, "{kind}: {:?}", judged.loud());
        let judged = doing(kind, ANEW, values("x"), anew());
        assert_eq!(judged.loud(), Vec::<String>::new(), "{kind} is made anew");
    }
}

#[test]
fn what_is_data() {
    for kind in [
        "aws_cognito_user_pool",
        "aws_docdb_cluster",
        "aws_neptune_cluster",
        "aws_fsx_windows_file_system",
        "aws_fsx_ontap_volume",
        "aws_memorydb_cluster",
        "aws_elasticsearch_domain",
        "aws_opensearch_domain",
        "aws_kinesis_stream",
        "aws_ecr_repository",
        "aws_backup_vault",
        "aws_elasticache_replication_group",
        "aws_redshiftserverless_namespace",
        "aws_dynamodb_table",
    ] {
        for (actions, after) in [(&["delete"] as &[&str], Json::Null), (ANEW, anew())] {
            let judged = doing(kind, actions, values("x"), after);
            assert_eq!(judged.by_plan("destroys-data").len(), 1, "{kind} {actions:?}");
            assert_eq!(judged.code, 3, "{kind} {actions:?}");
        }
        let mut tagged = values("x");
        tagged["tags"] = json!({"a": "b"});
        assert_eq!(doing(kind, &["update"], values("x"), tagged).loud(), Vec::<String>::new(), "{kind}");
    }
}

/// Made anew it is another one, and nobody knows who has the old one.
#[test]
fn what_lets_somebody_in() {
    for kind in [
        "aws_cognito_user_pool_client",
        "aws_api_gateway_api_key",
        "aws_appsync_api_key",
        "aws_iot_certificate",
        "aws_acmpca_certificate_authority",
        "aws_elasticache_user",
        "aws_eks_identity_provider_config",
        "aws_rolesanywhere_trust_anchor",
        "aws_apigatewayv2_authorizer",
        "aws_cognito_identity_pool",
        "aws_identitystore_user",
        "aws_transfer_ssh_key",
        "aws_kms_key",
        "aws_kms_external_key",
        "aws_kms_replica_key",
    ] {
        for (actions, after) in [(&["delete"] as &[&str], Json::Null), (ANEW, anew())] {
            let judged = doing(kind, actions, values("x"), after);
            assert_eq!(judged.code, 3, "{kind} {actions:?}: {:?}", judged.loud());
        }
        let mut tagged = values("x");
        tagged["tags"] = json!({"a": "b"});
        assert_eq!(doing(kind, &["update"], values("x"), tagged).loud(), Vec::<String>::new(), "{kind}");
    }
}

/// People come to accounts by assignments, of which no listing tells who uses them.
#[test]
fn who_comes_to_an_account() {
    let set = "arn:aws:sso:::permissionSet/ssoins-1/ps-1";
    let allows =
        |action: &str| document(json!([{"Effect": "Allow", "Action": action, "Resource": "*"}])).to_string();
    let inline = |action: &str| json!({"id": format!("{set},i"), "permission_set_arn": set, "inline_policy": allows(action)});
    let assigned = json!({"id": "a", "permission_set_arn": set, "principal_id": "g-1", "principal_type": "GROUP",
        "target_id": "111122223333", "target_type": "AWS_ACCOUNT"});
    for (kind, before, after) in [
        ("aws_ssoadmin_account_assignment", assigned.clone(), Json::Null),
        (
            "aws_ssoadmin_managed_policy_attachment",
            json!({"id": "m", "permission_set_arn": set, "managed_policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            Json::Null,
        ),
        ("aws_ssoadmin_permission_set_inline_policy", inline("s3:*"), Json::Null),
        ("aws_ssoadmin_permission_set_inline_policy", inline("s3:*"), inline("s3:GetObject")),
        ("aws_ssoadmin_permission_set", json!({"id": set, "arn": set, "name": "Admin"}), Json::Null),
        (
            "aws_identitystore_group_membership",
            json!({"id": "x", "group_id": "g-1", "member_id": "u-1"}),
            Json::Null,
        ),
    ] {
        let actions: &[&str] = if after.is_null() { &["delete"] } else { &["update"] };
        let judged = doing(kind, actions, before.clone(), after);
        assert_eq!(judged.code, 3, "{kind}: {:?}", judged.loud());
        assert_eq!(doing(kind, &["no-op"], before.clone(), before).loud(), Vec::<String>::new(), "{kind}");
    }
    // The same at another address is no change.
    let mut scene = Scene::of("");
    scene.object("aws_ssoadmin_account_assignment.a", assigned.clone(), Json::Null);
    scene.object("aws_ssoadmin_account_assignment.b", Json::Null, assigned);
    assert_eq!(scene.check().loud(), Vec::<String>::new());
}

/// A policy that no longer names somebody is told of, whichever resource it is of.
#[test]
fn what_policies_of_resources_say() {
    let names = |who: &str| {
        document(
            json!([{"Effect": "Allow", "Action": "*", "Principal": {"AWS": role_arn(who)}, "Resource": "*"}]),
        )
        .to_string()
    };
    for (kind, key, policy) in [
        (
            "aws_dynamodb_resource_policy",
            json!({"resource_arn": "arn:aws:dynamodb:eu-west-1:1:table/t"}),
            "policy",
        ),
        ("aws_efs_file_system_policy", json!({"file_system_id": "fs-1"}), "policy"),
        ("aws_ecr_registry_policy", json!({"registry_id": "111122223333"}), "policy"),
        ("aws_glue_resource_policy", json!({}), "policy"),
        (
            "aws_backup_vault_policy",
            json!({"backup_vault_arn": "arn:aws:backup:eu-west-1:1:backup-vault:v"}),
            "policy",
        ),
        ("aws_cloudwatch_event_bus_policy", json!({"event_bus_name": "orders"}), "policy"),
        ("aws_api_gateway_rest_api_policy", json!({"rest_api_id": "a1"}), "policy"),
        ("aws_s3_access_point", json!({"arn": "arn:aws:s3:eu-west-1:1:accesspoint/a"}), "policy"),
        ("aws_opensearch_domain_policy", json!({"domain_name": "d"}), "access_policies"),
        ("aws_cloudwatch_log_resource_policy", json!({"policy_name": "p"}), "policy_document"),
        ("aws_vpc_endpoint_policy", json!({"vpc_endpoint_id": "vpce-1"}), "policy"),
        ("aws_iot_policy", json!({"name": "p"}), "policy"),
    ] {
        let with = |who: &str| {
            let mut all = key.clone();
            all["id"] = "x".into();
            all[policy] = names(who).into();
            all
        };
        let judged = doing(kind, &["update"], with("app"), with("app2"));
        // What a thing may do says nothing of whom it names.
        if kind != "aws_iot_policy" {
            assert_eq!(judged.code, 3, "{kind}: {:?}", judged.loud());
        }
        let mut tagged = with("app");
        tagged["tags"] = json!({"a": "b"});
        assert_eq!(doing(kind, &["update"], with("app"), tagged).loud(), Vec::<String>::new(), "{kind}");
    }
}
