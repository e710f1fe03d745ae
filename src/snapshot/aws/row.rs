//! One row: its policy documents, lists and dates in their normal forms, and its account.

use super::super::found::{Found, step};
use super::account;
use crate::model::Instant;
use crate::model::settle_document;
use serde_json::{Map, Number, Value};

/// Keys of policy documents.
const DOCUMENTS: [&str; 3] = ["PolicyDocument", "AssumeRolePolicyDocument", "Document"];

/// Keys of lists, of which some tools print the only element without the list around it.
const LISTS: [&str; 8] = [
    "AttachedManagedPolicies",
    "UserPolicyList",
    "GroupPolicyList",
    "RolePolicyList",
    "InstanceProfileList",
    "PolicyVersionList",
    "Roles",
    "Tags",
];

/// Keys of dates: version 1 of the CLI prints seconds since 1970.
const DATES: [&str; 15] = [
    "NotAfter",
    "NotBefore",
    "CreatedAt",
    "IssuedAt",
    "ImportedAt",
    "RevokedAt",
    "UpdatedAt",
    "CreateDate",
    "UpdateDate",
    "UploadDate",
    "Expiration",
    "LastUsedDate",
    "PasswordLastUsed",
    "createdAt",
    "modifiedAt",
];

/// Puts a row into its normal form; the JSON pointers, from the row on, of documents that cannot be decoded. Beside
/// each of them stands then `Undecodable`.
pub(super) fn settle(row: &mut Map<String, Value>) -> Vec<String> {
    let mut undecodable = Vec::new();
    for (key, value) in row.iter_mut() {
        if DOCUMENTS.contains(&key.as_str()) {
            if !settle_document(value) {
                undecodable.push(format!("/{key}"));
            }
            continue;
        }
        if let Value::Number(number) = value
            && DATES.contains(&key.as_str())
            && let Some(date) = date(number)
        {
            *value = Value::String(date);
        }
        if value.is_object() && LISTS.contains(&key.as_str()) {
            *value = Value::Array(vec![value.take()]);
        }
        undecodable.extend(below(value).into_iter().map(|rest| format!("/{}{rest}", step(key))));
    }
    // Of this map itself, and not of one below it.
    if undecodable.iter().any(|pointer| pointer.matches('/').count() == 1) {
        row.insert("Undecodable".to_owned(), Value::Bool(true));
    }
    undecodable
}

fn below(value: &mut Value) -> Vec<String> {
    match value {
        Value::Object(map) => settle(map),
        Value::Array(all) => {
            let mut found = Vec::new();
            for (number, one) in all.iter_mut().enumerate() {
                found.extend(below(one).into_iter().map(|rest| format!("/{number}{rest}")));
            }
            found
        }
        _ => Vec::new(),
    }
}

/// Says of a file that documents in it could not be decoded.
pub(super) fn say(undecodable: &[String], found: &mut Found) {
    let Some((first, others)) = undecodable.split_first() else { return };
    let more = match others.len() {
        0 => String::new(),
        more => format!(" (nor {more} more)"),
    };
    found.cut(format!(
        "the policy document at {first} cannot be decoded{more}: export it again with the AWS CLI"
    ));
}

/// The account that a row is of, by the ARNs of its own.
pub(super) fn account_of(row: &Map<String, Value>) -> Option<String> {
    let of = |row: &Map<String, Value>| -> Option<String> {
        let own = row.get("Arn").into_iter();
        let others = row.iter().filter(|(key, _)| key.ends_with("Arn")).map(|(_, value)| value);
        own.chain(others).filter_map(Value::as_str).find_map(account).map(str::to_owned)
    };
    of(row).or_else(|| {
        let profiles = row.get("InstanceProfileList")?.as_array()?;
        profiles.iter().filter_map(Value::as_object).find_map(of)
    })
}

/// Moves the document of the version in force to the top of a policy, where its other versions are dropped; the JSON
/// pointer of that document, from the row on.
pub(super) fn in_force(policy: &mut Map<String, Value>) -> Option<String> {
    let versions = match policy.remove("PolicyVersionList")? {
        Value::Array(versions) => versions,
        one @ Value::Object(_) => vec![one],
        _ => return None,
    };
    let marked = |version: &Value| version.get("IsDefaultVersion").and_then(Value::as_bool) == Some(true);
    let named = |version: &Value| {
        let name = policy.get("DefaultVersionId");
        name.is_some_and(Value::is_string) && version.get("VersionId") == name
    };
    let at = versions.iter().position(marked).or_else(|| versions.iter().position(named))?;
    let Some(Value::Object(mut version)) = versions.into_iter().nth(at) else { return None };
    let document = version.remove("Document")?;
    policy.insert("Document".to_owned(), document);
    Some(format!("/PolicyVersionList/{at}/Document"))
}

/// Seconds since 1970, with or without a fraction, as RFC 3339.
fn date(seconds: &Number) -> Option<String> {
    let milliseconds = (seconds.as_f64()? * 1000.0).round();
    // Beyond this no date is, and the conversion would saturate.
    let sane = milliseconds.is_finite() && milliseconds.abs() < 9e15;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within bounds")]
    let instant = sane.then(|| Instant::from_millisecond(milliseconds as i64).ok())?;
    instant.map(|instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn settled(mut row: Value) -> (Value, Vec<String>) {
        let undecodable = settle(row.as_object_mut().unwrap());
        (row, undecodable)
    }

    #[test]
    fn dates_are_texts() {
        let (row, _) = settled(
            json!({"NotAfter": 1_826_834_261, "CreatedAt": 1_700_000_000.5, "IssuedAt": "2026-01-01T00:00:00Z",
            "NotBefore": 1e300, "Port": 443, "RenewalSummary": {"UpdatedAt": 0}}),
        );
        assert_eq!(row["NotAfter"], "2027-11-21T21:57:41Z");
        assert_eq!(row["CreatedAt"], "2023-11-14T22:13:20.5Z");
        assert_eq!(row["IssuedAt"], "2026-01-01T00:00:00Z");
        assert_eq!((row["NotBefore"].is_number(), &row["Port"]), (true, &json!(443)));
        assert_eq!(row["RenewalSummary"]["UpdatedAt"], "1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_document_that_cannot_be_decoded_is_marked_where_it_stands() {
        let (row, undecodable) = settled(json!({"AssumeRolePolicyDocument": {"Statement": []},
            "RolePolicyList": [{"PolicyDocument": "{}"}, {"PolicyDocument": "%7B", "PolicyName": "b"}],
            "InstanceProfileList": {"Roles": {"AssumeRolePolicyDocument": null}}}));
        assert_eq!(
            undecodable,
            ["/InstanceProfileList/0/Roles/0/AssumeRolePolicyDocument", "/RolePolicyList/1/PolicyDocument"]
        );
        assert_eq!(
            row["RolePolicyList"],
            json!([{"PolicyDocument": {"Statement": []}}, {"PolicyDocument": "%7B", "PolicyName": "b", "Undecodable": true}])
        );
        assert_eq!(row["InstanceProfileList"][0]["Roles"][0]["Undecodable"], true);
        assert!(row.get("Undecodable").is_none());
        let (row, _) = settled(json!({"AssumeRolePolicyDocument": "x"}));
        assert_eq!(row["Undecodable"], true);
    }

    #[test]
    fn the_version_in_force() {
        let version = |id: &str, default: bool| json!({"VersionId": id, "IsDefaultVersion": default, "Document": {"Id": id}});
        let of = |mut policy: Value| {
            let pointer = in_force(policy.as_object_mut().unwrap());
            assert!(policy.get("PolicyVersionList").is_none());
            (policy["Document"]["Id"].clone(), pointer.unwrap_or_default())
        };
        let both = json!([version("v2", false), version("v1", true)]);
        assert_eq!(
            of(json!({"DefaultVersionId": "v2", "PolicyVersionList": both})),
            (json!("v1"), "/PolicyVersionList/1/Document".to_owned())
        );
        let named = json!({"DefaultVersionId": "v2", "PolicyVersionList": [version("v1", false), version("v2", false)]});
        assert_eq!(of(named).0, "v2");
        assert_eq!(of(json!({"PolicyVersionList": version("v1", true)})).0, "v1");
        for none in [json!([version("v1", false)]), json!([]), json!(null)] {
            assert_eq!(of(json!({"DefaultVersionId": "v9", "PolicyVersionList": none})).0, Value::Null);
        }
    }

    #[test]
    fn the_account_is_in_the_arns_of_the_row_itself() {
        let of = |row: Value| account_of(row.as_object().unwrap());
        assert_eq!(
            of(json!({"Arn": "arn:aws-cn:iam::111122223333:role/a"})),
            Some("111122223333".to_owned())
        );
        assert_eq!(
            of(
                json!({"Arn": "arn:aws:iam::aws:policy/A", "PolicyDocument": {"Resource": "arn:aws:iam::111122223333:role/a"}})
            ),
            None
        );
        let profile =
            json!({"InstanceProfileList": [{"Arn": "arn:aws:iam::111122223333:instance-profile/a"}]});
        assert_eq!(of(profile), Some("111122223333".to_owned()));
        assert_eq!(of(json!({"Arn": "arn:aws:iam::12345:role/a"})), None);
    }
}
