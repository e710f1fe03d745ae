//! Certificates and what serves them in the stand-in's cloud, as the AWS command line prints them.

use serde_json::{Value as Json, json};

use super::cloud::Cloud;

/// `aws iam list-server-certificates`.
pub fn server_certificates(cloud: &Cloud) -> Vec<Json> {
    let form = |one: &Json| {
        json!({
            "Path": one["path"],
            "ServerCertificateName": one["name"],
            "ServerCertificateId": one["id"],
            "Arn": one["arn"],
            "UploadDate": one["upload_date"],
            "Expiration": one["expiration"],
        })
    };
    cloud.list("aws_iam_server_certificate").iter().map(form).collect()
}

/// `aws acm list-certificates`.
pub fn certificates(cloud: &Cloud) -> Vec<Json> {
    let listeners = cloud.list("aws_lb_listener");
    let form = |one: &Json| {
        let used = listeners.iter().any(|listener| listener["certificate_arn"] == one["arn"]);
        json!({
            "CertificateArn": one["arn"],
            "DomainName": one["domain_name"],
            "SubjectAlternativeNameSummaries": [one["domain_name"]],
            "HasAdditionalSubjectAlternativeNames": false,
            "Status": one["status"],
            "Type": one["type"],
            "KeyAlgorithm": "RSA-2048",
            "InUse": used,
            "RenewalEligibility": if used { "ELIGIBLE" } else { "INELIGIBLE" },
            "NotBefore": one["not_before"],
            "NotAfter": one["not_after"],
        })
    };
    cloud.list("aws_acm_certificate").iter().map(form).collect()
}

/// `aws elbv2 describe-listeners` of a load balancer.
pub fn listeners(cloud: &Cloud, name: &str) -> Vec<Json> {
    let balancers = cloud.list("aws_lb");
    let balancer = balancers.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name}"));
    let form = |one: &Json| {
        let actions = one["default_action"].as_array().unwrap().iter();
        let actions: Vec<Json> = actions
            .map(|action| json!({"Type": action["type"], "TargetGroupArn": action["target_group_arn"], "Order": action["order"]}))
            .collect();
        json!({
            "ListenerArn": one["arn"],
            "LoadBalancerArn": one["load_balancer_arn"],
            "Port": one["port"],
            "Protocol": one["protocol"],
            "Certificates": [{"CertificateArn": one["certificate_arn"]}],
            "SslPolicy": one["ssl_policy"],
            "DefaultActions": actions,
        })
    };
    let own =
        cloud.list("aws_lb_listener").into_iter().filter(|one| one["load_balancer_arn"] == balancer["arn"]);
    own.map(|one| form(&one)).collect()
}

/// `aws ecs describe-services`.
pub fn services(cloud: &Cloud) -> Vec<Json> {
    let form = |one: &Json| {
        let balancers = one["load_balancer"].as_array().unwrap().iter();
        let balancers: Vec<Json> = balancers
            .map(|own| {
                json!({
                    "targetGroupArn": own["target_group_arn"],
                    "containerName": own["container_name"],
                    "containerPort": own["container_port"],
                })
            })
            .collect();
        let cluster = one["id"].as_str().unwrap().replace(":service/", ":cluster/");
        let (cluster, _) = cluster.rsplit_once('/').unwrap();
        json!({
            "serviceArn": one["id"],
            "serviceName": one["name"],
            "clusterArn": cluster,
            "loadBalancers": balancers,
            "status": "ACTIVE",
            "desiredCount": one["desired_count"],
            "launchType": one["launch_type"],
            "taskDefinition": one["task_definition"],
        })
    };
    cloud.list("aws_ecs_service").iter().map(form).collect()
}
