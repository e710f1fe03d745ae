//! Policies of resources, one a file: of a bucket, a key, a queue, a topic, a secret, a repository.
//!
//! Half of the answers do not say of which resource they are: its ARN stands then in the sidecar, under `of`, or the
//! sidecar's command names it. Sources: AWS CLI reference, `s3api get-bucket-policy`, `kms get-key-policy`,
//! `sqs get-queue-attributes`, `sns get-topic-attributes`, `secretsmanager get-resource-policy`, `ecr
//! get-repository-policy`.

use super::super::found::Found;
use super::super::sidecar::Sidecar;
use super::{Error, cut, fields, row};
use crate::model::policy_document;
use serde_json::{Map, Value, json};

const KIND: &str = "aws:resource-policy";

/// Reads a document if it is one of these; gives it back if not.
///
/// # Errors
/// If nothing says of which resource it is.
pub(super) fn read(
    top: Map<String, Value>,
    sidecar: &Sidecar,
    path: &str,
) -> Result<Result<Found, Map<String, Value>>, Error> {
    let text = |map: &Map<String, Value>, key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
    let only =
        |keys: &[&str]| top.keys().all(|key| keys.contains(&key.as_str()) || key == "ResponseMetadata");
    let attributes = top.get("Attributes").and_then(Value::as_object).filter(|_| only(&["Attributes"]));
    let of_attributes = attributes.and_then(|inner| {
        let arn = text(inner, "QueueArn").or_else(|| text(inner, "TopicArn"))?;
        Some((arn, inner.get("Policy").cloned(), "/Attributes/Policy"))
    });
    let (arn, policy, pointer) = if let Some(told) = of_attributes {
        told
    } else if let Some(arn) = text(&top, "ARN").filter(|_| only(&["ARN", "Name", "ResourcePolicy"])) {
        // One without a policy has no such key.
        let policy = top.get("ResourcePolicy").cloned().unwrap_or_else(|| json!({"Statement": []}));
        (arn, Some(policy), "/ResourcePolicy")
    } else if let Some(name) = text(&top, "repositoryName").filter(|_| top.contains_key("policyText")) {
        let registry = text(&top, "registryId").unwrap_or_else(|| "*".to_owned());
        (
            format!("arn:aws*:ecr:*:{registry}:repository/{name}"),
            top.get("policyText").cloned(),
            "/policyText",
        )
    } else if only(&["Policy", "PolicyName"]) && top.get("Policy").is_some_and(Value::is_string) {
        let arn = asked(sidecar).ok_or_else(|| Error::needs(path, "arn", "arn:aws:s3:::BUCKET"))?;
        (arn, top.get("Policy").cloned(), "/Policy")
    } else {
        return Ok(Err(top));
    };
    let Some(place) = Place::of(&arn) else { return Ok(Err(top)) };
    let mut found = Found::of(KIND);
    cut(&Map::new(), sidecar, &mut found);
    let Some(policy) = policy else {
        found.notes.push(format!("{path}: it says nothing of a policy: ask for the attribute Policy, too"));
        return Ok(Ok(found));
    };
    let mut out = Map::new();
    match policy_document(policy) {
        Some(document) => drop(out.insert("Policy".to_owned(), document)),
        None => {
            out.insert("Undecodable".to_owned(), Value::Bool(true));
            row::say(&[pointer.to_owned()], &mut found);
        }
    }
    for (key, value) in [("Arn", arn), ("On", place.on), ("Carrier", place.carrier), ("Name", place.name)] {
        out.insert(key.to_owned(), Value::String(value));
    }
    super::super::mark(&mut out, sidecar);
    found.add(KIND, pointer.to_owned(), out);
    Ok(Ok(found))
}

/// The resource that the sidecar names: by its ARN, or by what the command asks for.
fn asked(sidecar: &Sidecar) -> Option<String> {
    let bucket = || sidecar.value(&["--bucket"]).map(|bucket| format!("arn:aws:s3:::{bucket}"));
    let key = || sidecar.value(&["--key-id"]).filter(|key| key.starts_with("arn:")).map(str::to_owned);
    sidecar.of("arn").map(str::to_owned).or_else(bucket).or_else(key)
}

/// How the catalog calls a resource, so that a plan that tells of its policy means the same.
struct Place {
    /// Its ARN, with stars for what plans do not say.
    on: String,
    carrier: String,
    name: String,
}

impl Place {
    /// None: it is of a service whose policies are not read.
    fn of(arn: &str) -> Option<Place> {
        let [_, service, region, account, resource] = fields(arn)?;
        let (on, carrier, what) = match service {
            "s3" => {
                let bucket = resource.split('/').next().unwrap_or_default();
                (format!("arn:aws:s3:::{bucket}"), format!("s3 {bucket}"), format!("bucket {bucket}"))
            }
            "kms" => {
                let key = resource.strip_prefix("key/")?;
                (format!("arn:aws*:kms:*:*:key/{key}"), format!("kms {key}"), format!("key {key}"))
            }
            "sqs" => {
                let url = format!("https://sqs.{region}.amazonaws.com/{account}/{resource}");
                (arn.to_owned(), format!("sqs {url}"), format!("queue {resource}"))
            }
            "sns" => (arn.to_owned(), format!("sns {arn}"), format!("topic {resource}")),
            "secretsmanager" => {
                let secret = resource.strip_prefix("secret:")?;
                (arn.to_owned(), format!("secret {arn}"), format!("secret {secret}"))
            }
            "ecr" => {
                let repository = resource.strip_prefix("repository/")?;
                (arn.to_owned(), format!("ecr {repository}"), format!("repository {repository}"))
            }
            _ => return None,
        };
        Some(Place { on, carrier, name: what })
    }
}
