//! Lists under a key of their own.

use super::super::found::Found;
use super::super::sidecar::Sidecar;
use super::{BESIDE, Error, PAGING, cut, fields, row};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Which part of the cloud a list is of.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// The account of the ARNs.
    Account,
    /// Account and region of the ARNs, as `ACCOUNT/REGION`.
    Region,
    /// What the rows have under a key, or `of` under another.
    Key(&'static str, &'static str),
    /// What `of` has under a key; without it the file is of no use.
    Of(&'static str, &'static str),
}

struct List {
    key: &'static str,
    kind: &'static str,
    listing: &'static str,
    /// What each row has, so that lists of other services are told apart.
    has: &'static [&'static str],
    part: Part,
}

const fn list(
    key: &'static str,
    kind: &'static str,
    listing: &'static str,
    has: &'static [&'static str],
    part: Part,
) -> List {
    List { key, kind, listing, has, part }
}

const LISTS: [List; 9] = [
    list(
        "AccessKeyMetadata",
        "aws:access-key",
        "aws:access-keys",
        &["AccessKeyId"],
        Part::Key("UserName", "user"),
    ),
    list(
        "ServerCertificateMetadataList",
        "aws:server-certificate",
        "aws:server-certificates",
        &["Arn"],
        Part::Account,
    ),
    list("CertificateSummaryList", "aws:certificate", "aws:certificates", &["CertificateArn"], Part::Region),
    list(
        "Listeners",
        "aws:listener",
        "aws:listeners",
        &["ListenerArn", "LoadBalancerArn"],
        Part::Key("LoadBalancerArn", "load_balancer"),
    ),
    list(
        "Certificates",
        "aws:listener-certificate",
        "aws:listener-certificates",
        &["CertificateArn"],
        Part::Of("listener", "LISTENER-ARN"),
    ),
    list(
        "associations",
        "aws:pod-identity-association",
        "aws:pod-identity-associations",
        &["serviceAccount", "clusterName"],
        Part::Key("clusterName", "cluster"),
    ),
    list(
        "InstanceProfiles",
        "aws:instance-profile",
        "aws:instance-profiles",
        &["InstanceProfileName"],
        Part::Account,
    ),
    // What is asked for by name: no listing of all of a cluster.
    list(
        "services",
        "aws:ecs-service",
        "aws:ecs-services",
        &["serviceArn", "clusterArn"],
        Part::Key("clusterArn", "cluster"),
    ),
    list("OpenIDConnectProviderList", "aws:oidc-provider", "aws:oidc-providers", &["Arn"], Part::Account),
];

/// Key types of certificates, of which `list-certificates` shows only the second unless it is asked for all.
const KEY_TYPES: [&str; 7] =
    ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];

/// Reads a document if it is one of these; gives it back if not.
///
/// # Errors
/// If nothing says which listener it is of.
pub(super) fn read(
    mut top: Map<String, Value>,
    sidecar: &Sidecar,
    path: &str,
) -> Result<Result<Found, Value>, Error> {
    let Some(list) = LISTS.iter().find(|list| fits(list, &top, sidecar)) else {
        return Ok(Err(Value::Object(top)));
    };
    let mut found = Found::of(list.listing);
    cut(&top, sidecar, &mut found);
    match list.kind {
        "aws:certificate" => certificates(sidecar, &mut found),
        "aws:pod-identity-association" => found.notes.push(format!(
            "{path}: this list has no roles in it: add the output of `aws eks describe-pod-identity-association` for each"
        )),
        _ => {}
    }
    let rows = match top.remove(list.key) {
        Some(Value::Array(rows)) => rows,
        _ => Vec::new(),
    };
    let mut parts = BTreeSet::new();
    let mut undecodable = Vec::new();
    for (number, row) in rows.into_iter().enumerate() {
        let pointer = format!("/{}/{number}", list.key);
        let Value::Object(mut row) = row else { return Err(Error::row(path, pointer, "it is no object")) };
        parts.extend(part(list.part, &row));
        undecodable.extend(row::settle(&mut row).into_iter().map(|place| format!("{pointer}{place}")));
        super::super::mark(&mut row, sidecar);
        found.add(list.kind, pointer, row);
    }
    row::say(&undecodable, &mut found);
    let (given, missing) = match list.part {
        Part::Account => (sidecar.of("account").map(str::to_owned), "account"),
        Part::Region => {
            let both = sidecar.of("account").zip(sidecar.of("region"));
            (both.map(|(account, region)| format!("{account}/{region}")), "account and region")
        }
        Part::Key(_, key) => (sidecar.of(key).map(str::to_owned), key),
        Part::Of(key, example) => {
            let of = sidecar.of(key).ok_or_else(|| Error::needs(path, key, example))?;
            (Some(of.to_owned()), key)
        }
    };
    let parts = given.map_or(parts, |given| BTreeSet::from([given]));
    if parts.is_empty() {
        found.notes.push(format!(
            "{path}: nothing says which {missing} this is of: say it under `of` in {path}.meta.json"
        ));
    }
    parts.into_iter().for_each(|part| found.lists(list.listing, part));
    Ok(Ok(found))
}

/// Whether a document is such a list: nothing else stands beside it, and its rows have what they must have.
fn fits(list: &List, top: &Map<String, Value>, sidecar: &Sidecar) -> bool {
    let Some(Value::Array(rows)) = top.get(list.key) else { return false };
    let beside = |key: &str| key == list.key || PAGING.contains(&key) || BESIDE.contains(&key);
    let row = |row: &Value| {
        let more = |key: &String| !["CertificateArn", "IsDefault"].contains(&key.as_str());
        // Certificates of other services stand under the same key and tell more of themselves.
        let other = list.key == "Certificates" && row.as_object().is_some_and(|row| row.keys().any(more));
        !other && list.has.iter().all(|key| row.get(*key).is_some())
    };
    let empty = list.key == "Certificates"
        && sidecar.of("listener").is_none()
        && !sidecar.asks(&["describe-listener-certificates"]);
    top.keys().all(|key| beside(key)) && rows.iter().all(row) && !(rows.is_empty() && empty)
}

/// Of what a row says that it is.
fn part(part: Part, row: &Map<String, Value>) -> Option<String> {
    let arn = || ["Arn", "CertificateArn"].into_iter().find_map(|key| row.get(key)?.as_str());
    match part {
        Part::Account => super::account(arn()?).map(str::to_owned),
        Part::Region => {
            let [_, _, region, account, _] = fields(arn()?)?;
            Some(format!("{account}/{region}"))
        }
        Part::Key(key, _) => row.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned),
        Part::Of(..) => None,
    }
}

/// `list-certificates` leaves out what it is not asked for.
fn certificates(sidecar: &Sidecar, found: &mut Found) {
    let includes = sidecar.values("--includes").unwrap_or_default().join(" ");
    let missing = KEY_TYPES.into_iter().find(|sort| !includes.contains(sort));
    if let Some(missing) = missing {
        let all = KEY_TYPES.join(",");
        found.cut(format!(
            "certificates with keys of type {missing} may be missing: by default only those of RSA_2048 are listed; ask with --includes keyTypes={all}"
        ));
    }
    if let Some(filter) =
        ["eyUsage", "exportOption", "managedBy"].into_iter().find(|one| includes.contains(one))
    {
        found.cut(format!("its command lists a part only (--includes …{filter}): ask for key types only"));
    }
}
