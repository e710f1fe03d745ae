//! Each shape of each listing, and each trap.

use super::*;
use serde_json::json;

fn given(document: Value, sidecar: &Sidecar) -> Result<Result<Found, Value>, Error> {
    read(document, sidecar, "a.json")
}

fn plain(document: Value) -> Found {
    given(document, &Sidecar::default()).unwrap().unwrap()
}

fn with(document: Value, sidecar: &Sidecar) -> Found {
    given(document, sidecar).unwrap().unwrap()
}

fn of(pairs: &[(&str, &str)]) -> Sidecar {
    let of = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Sidecar { of, ..Sidecar::default() }
}

fn command(text: &str) -> Sidecar {
    Sidecar { command: Some(text.to_owned()), ..Sidecar::default() }
}

fn parts(found: &Found, listing: &str) -> Vec<String> {
    let listing = crate::model::Listing::new(listing);
    found.lists.get(&listing).into_iter().flatten().cloned().collect()
}

fn listings(found: &Found) -> Vec<&str> {
    found.lists.keys().map(|listing| listing.as_str()).collect()
}

fn value(found: &Found, at: usize) -> &Value {
    found.objects[at].2.reveal()
}

const DETAILS: &str = "aws --profile x iam get-account-authorization-details --output json";

fn user() -> Value {
    json!({"UserName": "u", "Arn": "arn:aws:iam::999900001111:user/u", "GroupList": ["g"]})
}

fn details(more: Value) -> Value {
    let mut all = json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []});
    for (key, value) in more.as_object().unwrap() {
        all[key] = value.clone();
    }
    all
}

#[test]
fn the_rows_of_an_account() {
    let found = plain(details(json!({
        "UserDetailList": [user()],
        "GroupDetailList": [{"GroupName": "g", "Arn": "arn:aws:iam::999900001111:group/g",
            "AttachedManagedPolicies": {"PolicyName": "p", "PolicyArn": "arn:aws:iam::aws:policy/p"}}],
        "RoleDetailList": [{"RoleName": "r", "Arn": "arn:aws:iam::999900001111:role/r",
            "AssumeRolePolicyDocument": "%7B%22Statement%22%3A%7B%22Principal%22%3A%7B%22Service%22%3A%22x%22%7D%7D%7D",
            "RolePolicyList": [{"PolicyName": "i", "PolicyDocument": "{\"Statement\":{\"Action\":\"a:b\"}}"}]}],
        "Policies": [{"PolicyName": "p", "Arn": "arn:aws:iam::999900001111:policy/p", "DefaultVersionId": "v2", "NewKey": 1,
            "PolicyVersionList": [{"VersionId": "v1", "Document": {}}, {"VersionId": "v2", "Document": {"Statement": []}}]}],
    })));
    let kinds: Vec<&str> = found.objects.iter().map(|(kind, _, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["aws:user", "aws:group", "aws:role", "aws:policy"]);
    assert_eq!(listings(&found), ["aws:groups", "aws:policies", "aws:roles", "aws:users"]);
    assert_eq!(parts(&found, "aws:roles"), ["999900001111"]);
    assert_eq!(value(&found, 0)["AccountId"], "999900001111");
    assert_eq!(value(&found, 1)["AttachedManagedPolicies"][0]["PolicyName"], "p");
    let role = value(&found, 2);
    assert_eq!(role["AssumeRolePolicyDocument"], json!({"Statement": [{"Principal": {"Service": ["x"]}}]}));
    assert_eq!(role["RolePolicyList"][0]["PolicyDocument"], json!({"Statement": [{"Action": ["a:b"]}]}));
    let policy = value(&found, 3);
    assert_eq!((&policy["Document"], &policy["NewKey"]), (&json!({"Statement": []}), &json!(1)));
    assert!(policy.get("PolicyVersionList").is_none());
    assert_eq!(found.objects[3].1, "/Policies/0");
    assert!(found.cut.is_none() && found.notes.is_empty());
}

#[test]
fn an_empty_list_is_a_listing_only_if_the_command_says_so() {
    let document = || details(json!({"UserDetailList": [user()]}));
    assert_eq!(listings(&plain(document())), ["aws:users"]);
    let all = with(document(), &command(DETAILS));
    assert_eq!(listings(&all), ["aws:groups", "aws:policies", "aws:roles", "aws:users"]);
    let filtered = with(document(), &command(&format!("{DETAILS} --filter User LocalManagedPolicy")));
    assert_eq!(listings(&filtered), ["aws:users"]);
    let both = format!("{DETAILS} --filter User LocalManagedPolicy AWSManagedPolicy");
    assert_eq!(listings(&with(document(), &command(&both))), ["aws:policies", "aws:users"]);
}

#[test]
fn policies_of_aws_alone_are_no_listing_of_the_account() {
    let managed = json!({"PolicyName": "p", "Arn": "arn:aws:iam::aws:policy/p", "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": {}}]});
    let found = plain(details(json!({"UserDetailList": [user()], "Policies": [managed]})));
    assert_eq!(listings(&found), ["aws:users"]);
    assert!(value(&found, 1).get("AccountId").is_none());
}

#[test]
fn the_sidecar_may_name_the_account_and_somebody_must() {
    let nothing = with(details(json!({})), &command(DETAILS));
    assert!(nothing.lists.is_empty() && nothing.notes[0].contains("\"account\""), "{:?}", nothing.notes);
    let mut sidecar = of(&[("account", "222233334444")]);
    sidecar.command = Some(DETAILS.to_owned());
    assert_eq!(parts(&with(details(json!({})), &sidecar), "aws:users"), ["222233334444"]);
    assert!(plain(details(json!({}))).lists.is_empty());
}

#[test]
fn pages_are_cut() {
    for more in [json!({"IsTruncated": true}), json!({"Marker": "m"}), json!({"NextToken": "t"})] {
        assert!(plain(details(more)).cut.unwrap().contains("first page"));
    }
    assert!(plain(details(json!({"IsTruncated": false, "Marker": null}))).cut.is_none());
    let narrow = with(details(json!({})), &command(&format!("{DETAILS} --max-items 5")));
    assert!(narrow.cut.unwrap().contains("--max-items"));
}

#[test]
fn a_document_that_cannot_be_decoded_makes_the_file_incomplete() {
    let mut broken = user();
    broken["UserPolicyList"] = json!([{"PolicyName": "a", "PolicyDocument": "%7B%22"}]);
    let policy = json!({"Arn": "arn:aws:iam::999900001111:policy/p", "PolicyVersionList":
        [{"IsDefaultVersion": false, "Document": "x"}, {"IsDefaultVersion": true, "Document": "x"}]});
    let found = plain(details(json!({"UserDetailList": [broken], "Policies": [policy]})));
    let cut = found.cut.as_deref().unwrap();
    assert!(cut.contains("/UserDetailList/0/UserPolicyList/0/PolicyDocument cannot"), "{cut}");
    assert!(cut.contains("(nor 1 more)"), "{cut}");
    assert_eq!(value(&found, 0)["UserPolicyList"][0]["Undecodable"], true);
    assert_eq!(
        (&value(&found, 1)["Undecodable"], &value(&found, 1)["Document"]),
        (&json!(true), &json!("x"))
    );
    let alone = json!({"Arn": "arn:aws:iam::999900001111:policy/p", "PolicyVersionList":
        [{"IsDefaultVersion": false, "Document": "x"}, {"IsDefaultVersion": true, "Document": "x"}]});
    let cut = plain(details(json!({"Policies": [alone]}))).cut.unwrap();
    assert!(cut.contains("at /Policies/0/PolicyVersionList/1/Document cannot"), "{cut}");
}

#[test]
fn the_raw_answer_has_more_around_it() {
    let raw = json!({"GetAccountAuthorizationDetailsResponse": {"GetAccountAuthorizationDetailsResult":
        details(json!({"UserDetailList": [user()], "IsTruncated": true}))}});
    let found = plain(raw);
    assert!(found.objects[0].1.ends_with("Result/UserDetailList/0") && found.cut.is_some());
    let other = json!({"GetAccountAuthorizationDetailsResponse": {"x": 1}});
    assert!(given(other, &Sidecar::default()).unwrap().is_err());
}

#[test]
fn rows_of_another_form_are_errors() {
    for (more, place) in
        [(json!({"Policies": [1]}), "/Policies/0"), (json!({"Policies": {}}), "/Policies: it is no list")]
    {
        let error = given(details(more), &Sidecar::default()).unwrap_err().to_string();
        assert!(error.contains(place), "{error}");
    }
}

#[test]
fn bare_lists_of_managed_policies() {
    let lower = json!({"name": "A", "arn": "arn:aws:iam::aws:policy/A", "version": "v3", "document": {"Statement": {"Action": "a:*"}}});
    let upper = json!({"PolicyName": "B", "Arn": "arn:aws:iam::aws:policy/B", "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "Document": "{}"}]});
    let own = json!({"PolicyName": "C", "Arn": "arn:aws:iam::999900001111:policy/x/C", "PolicyDocument": {}});
    let found = plain(json!([lower, upper, own]));
    assert_eq!(found.kind, "aws:policies");
    assert_eq!(parts(&found, "aws:policies"), ["aws"]);
    for (at, name) in ["A", "B", "C"].into_iter().enumerate() {
        let row = value(&found, at);
        assert_eq!(row["PolicyName"], name);
        assert!(row["Arn"].is_string() && row["Document"]["Statement"].is_array(), "{row}");
    }
    assert_eq!(value(&found, 0)["version"], "v3");
    assert_eq!(value(&found, 2)["AccountId"], "999900001111");
    let broken = plain(json!([{"arn": "arn:aws:iam::aws:policy/A", "document": null}]));
    assert!(broken.cut.is_some() && value(&broken, 0)["Undecodable"] == true);
}

#[test]
fn findings_of_other_tools_are_no_policies() {
    let finding = |arn: &str| json!({"Arn": arn, "PolicyName": "x", "PolicyDocument": {}});
    for other in [
        json!([]),
        json!([finding("arn:aws:iam::aws:policy/x"), finding("arn:aws:iam::999900001111:role/r")]),
        json!([{"Arn": "arn:aws:iam::aws:policy/x", "PolicyName": "x"}]),
        json!({"Policies": [{"PolicyName": "x", "Arn": "arn:aws:iam::aws:policy/x"}], "IsTruncated": false}),
        json!({"Statement": [], "Version": "2012-10-17"}),
    ] {
        assert!(given(other.clone(), &Sidecar::default()).unwrap().is_err(), "{other}");
    }
}

#[test]
fn access_keys_are_of_users() {
    let found = plain(
        json!({"AccessKeyMetadata": [{"UserName": "u", "AccessKeyId": "AKIAEXAMPLE", "Status": "Active"}]}),
    );
    assert_eq!(
        (found.objects[0].0.as_str(), found.objects[0].1.as_str()),
        ("aws:access-key", "/AccessKeyMetadata/0")
    );
    assert_eq!(parts(&found, "aws:access-keys"), ["u"]);
    let none = plain(json!({"AccessKeyMetadata": []}));
    assert!(none.lists.is_empty() && none.notes[0].contains("which user"));
    let named = with(json!({"AccessKeyMetadata": []}), &of(&[("user", "v")]));
    assert_eq!(parts(&named, "aws:access-keys"), ["v"]);
}

#[test]
fn certificates_of_acm_are_listed_in_part_unless_asked_for_all() {
    let list = || {
        json!({"CertificateSummaryList": [{"CertificateArn": "arn:aws:acm:eu-west-1:999900001111:certificate/c",
        "NotAfter": 1_826_834_261}]})
    };
    let by_default = plain(list());
    assert!(by_default.cut.as_deref().unwrap().contains("RSA_2048"));
    assert_eq!(parts(&by_default, "aws:certificates"), ["999900001111/eu-west-1"]);
    assert_eq!(value(&by_default, 0)["NotAfter"], "2027-11-21T21:57:41Z");
    let all = format!("aws acm list-certificates --includes keyTypes={}", KEY_TYPES);
    assert!(with(list(), &command(&all)).cut.is_none());
    let some = "aws acm list-certificates --includes keyTypes=RSA_2048,EC_prime256v1";
    assert!(with(list(), &command(some)).cut.unwrap().contains("RSA_1024"));
    let usage = format!("{all} keyUsage=ANY");
    assert!(with(list(), &command(&usage)).cut.is_some());
    let one = plain(
        json!({"Certificate": {"CertificateArn": "arn:aws:acm:eu-west-1:999900001111:certificate/c", "NotBefore": 0}}),
    );
    assert!(one.lists.is_empty() && one.cut.is_none());
    assert_eq!(value(&one, 0)["NotBefore"], "1970-01-01T00:00:00Z");
    assert_eq!((one.objects[0].0.as_str(), one.objects[0].1.as_str()), ("aws:certificate", "/Certificate"));
    // `acm get-certificate` prints the certificate itself.
    assert!(given(json!({"Certificate": "-----BEGIN"}), &Sidecar::default()).unwrap().is_err());
}

const KEY_TYPES: &str = "RSA_1024,RSA_2048,RSA_3072,RSA_4096,EC_prime256v1,EC_secp384r1,EC_secp521r1";

#[test]
fn listeners_and_their_certificates() {
    let listeners = plain(
        json!({"Listeners": [{"ListenerArn": "l", "LoadBalancerArn": "b", "Certificates": [{"CertificateArn": "c"}]}],
        "NextMarker": "x"}),
    );
    assert_eq!((listeners.objects[0].0.as_str(), listeners.cut.is_some()), ("aws:listener", true));
    assert_eq!(parts(&listeners, "aws:listeners"), ["b"]);
    let certificates = || json!({"Certificates": [{"CertificateArn": "c", "IsDefault": true}]});
    let error = given(certificates(), &Sidecar::default()).unwrap_err();
    assert!(error.to_string().contains(r#"{"of": {"listener": "LISTENER-ARN"}}"#), "{error}");
    let named = with(certificates(), &of(&[("listener", "l")]));
    assert_eq!(parts(&named, "aws:listener-certificates"), ["l"]);
    assert_eq!(value(&named, 0)["of"]["listener"], "l");
    let others = [
        json!({"Certificates": []}),
        json!({"Certificates": [{"CertificateArn": "c", "CertificateIdentifier": "x"}]}),
        json!({"Listeners": [{"ListenerArn": "l", "PortRanges": []}]}),
        json!({"Listeners": [], "More": 1}),
    ];
    for other in others {
        assert!(given(other.clone(), &Sidecar::default()).unwrap().is_err(), "{other}");
    }
    let empty = with(json!({"Certificates": []}), &of(&[("listener", "l")]));
    assert_eq!(parts(&empty, "aws:listener-certificates"), ["l"]);
}

#[test]
fn pod_identities_have_roles_only_one_by_one() {
    let row =
        json!({"clusterName": "c", "namespace": "n", "serviceAccount": "s", "createdAt": 1_700_000_000.25});
    let list = plain(json!({"associations": [row], "nextToken": "x"}));
    assert_eq!(parts(&list, "aws:pod-identity-associations"), ["c"]);
    assert!(list.notes[0].contains("no roles") && list.cut.is_some());
    let one = plain(json!({"association": row}));
    assert_eq!(one.objects[0].0.as_str(), "aws:pod-identity-association");
    assert!(one.lists.is_empty() && one.notes.is_empty());
    assert_eq!(value(&one, 0)["createdAt"], "2023-11-14T22:13:20.25Z");
}

#[test]
fn instance_profiles_and_server_certificates() {
    let profile = json!({"InstanceProfileName": "p", "Arn": "arn:aws:iam::999900001111:instance-profile/p",
        "Roles": [{"RoleName": "r", "AssumeRolePolicyDocument": "{\"Statement\":{\"Principal\":\"*\"}}"}]});
    let profiles =
        plain(json!({"InstanceProfiles": [profile], "IsTruncated": false, "ResponseMetadata": {}}));
    assert_eq!(parts(&profiles, "aws:instance-profiles"), ["999900001111"]);
    assert_eq!(
        value(&profiles, 0)["Roles"][0]["AssumeRolePolicyDocument"],
        json!({"Statement": [{"Principal": "*"}]})
    );
    let certificates = plain(
        json!({"ServerCertificateMetadataList": [{"Arn": "arn:aws:iam::999900001111:server-certificate/c",
        "ServerCertificateName": "c", "Expiration": 1_826_834_261}]}),
    );
    assert_eq!(certificates.objects[0].0.as_str(), "aws:server-certificate");
    assert_eq!(parts(&certificates, "aws:server-certificates"), ["999900001111"]);
    assert_eq!(value(&certificates, 0)["Expiration"], "2027-11-21T21:57:41Z");
}

#[test]
fn identity_providers() {
    let arn = "arn:aws:iam::999900001111:oidc-provider/oidc.example.test";
    let list = plain(json!({"OpenIDConnectProviderList": [{"Arn": arn}]}));
    assert_eq!(parts(&list, "aws:oidc-providers"), ["999900001111"]);
    let one = || json!({"Url": "oidc.example.test", "ClientIDList": ["a"], "ThumbprintList": []});
    assert!(matches!(given(one(), &Sidecar::default()), Err(Error::NeedsOf { key: "arn", .. })));
    let named = with(one(), &of(&[("arn", arn)]));
    assert_eq!(value(&named, 0)["Arn"], arn);
    assert!(named.lists.is_empty());
}

#[test]
fn policies_of_an_organization() {
    let policy = |content: &str| json!({"Policy": {"PolicySummary": {"Id": "p-1", "Type": "SERVICE_CONTROL_POLICY"}, "Content": content}});
    let whole =
        with(policy("{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\"}}"), &of(&[("target", "ou-1")]));
    let row = value(&whole, 0);
    assert_eq!(row["Document"], json!({"Statement": [{"Effect": "Deny", "Action": ["*"]}]}));
    assert_eq!((&row["of"]["target"], row.get("Content")), (&json!("ou-1"), None));
    let broken = plain(policy("{"));
    assert!(broken.cut.unwrap().contains("/Policy/Content"));
    let iam = json!({"Policy": {"PolicyName": "x", "Arn": "arn:aws:iam::999900001111:policy/x"}});
    assert!(given(iam, &Sidecar::default()).unwrap().is_err());
}

/// The ARN, what the catalog calls it, and whether there is a policy.
fn told(found: &Found) -> (String, String, bool) {
    assert_eq!((found.kind.as_str(), found.objects.len()), ("aws:resource-policy", 1));
    let row = value(found, 0);
    let text = |key: &str| row[key].as_str().unwrap().to_owned();
    (text("Arn"), text("Carrier"), !row["Policy"]["Statement"].as_array().unwrap().is_empty())
}

#[test]
fn policies_of_resources() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*"}}"#;
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k-1";
    let queue = "arn:aws:sqs:eu-west-1:111122223333:orders";
    let topic = "arn:aws:sns:eu-west-1:111122223333:orders";
    let secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf";
    let bucket = "aws s3api get-bucket-policy --bucket shop --output json";
    for (document, sidecar, arn, carrier, any) in [
        (
            json!({"Policy": policy}),
            of(&[("arn", "arn:aws:s3:::shop")]),
            "arn:aws:s3:::shop",
            "s3 shop",
            true,
        ),
        (json!({"Policy": policy}), command(bucket), "arn:aws:s3:::shop", "s3 shop", true),
        (json!({"Policy": policy, "PolicyName": "default"}), of(&[("arn", key)]), key, "kms k-1", true),
        (
            json!({"Policy": policy, "PolicyName": "default"}),
            command(&format!("aws kms get-key-policy --key-id {key}")),
            key,
            "kms k-1",
            true,
        ),
        (
            json!({"Attributes": {"QueueArn": queue, "Policy": policy}}),
            Sidecar::default(),
            queue,
            "sqs https://sqs.eu-west-1.amazonaws.com/111122223333/orders",
            true,
        ),
        (
            json!({"Attributes": {"TopicArn": topic, "Policy": policy, "Owner": "111122223333"}}),
            Sidecar::default(),
            topic,
            "sns arn:aws:sns:eu-west-1:111122223333:orders",
            true,
        ),
        (
            json!({"ARN": secret, "Name": "db", "ResourcePolicy": policy}),
            Sidecar::default(),
            secret,
            "secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf",
            true,
        ),
        (
            json!({"ARN": secret, "Name": "db"}),
            Sidecar::default(),
            secret,
            "secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf",
            false,
        ),
        (
            json!({"registryId": "111122223333", "repositoryName": "shop", "policyText": policy}),
            Sidecar::default(),
            "arn:aws*:ecr:*:111122223333:repository/shop",
            "ecr shop",
            true,
        ),
    ] {
        let expected = (arn.to_owned(), carrier.to_owned(), any);
        assert_eq!(told(&with(document.clone(), &sidecar)), expected, "{document}");
    }
}

#[test]
fn policies_of_what_nobody_says() {
    let policy = r#"{"Statement":[]}"#;
    let error = given(json!({"Policy": policy}), &Sidecar::default()).unwrap_err().to_string();
    assert!(error.contains("arn"), "{error}");
    // A key by its id alone may be in any region, and an alias is another name.
    assert!(given(json!({"Policy": policy}), &command("aws kms get-key-policy --key-id k-1")).is_err());
    let broken = with(json!({"Policy": "{"}), &of(&[("arn", "arn:aws:s3:::shop")]));
    assert!(broken.cut.is_some() && value(&broken, 0)["Undecodable"] == true);
    // Attributes that were not asked for say nothing of a policy.
    let found = plain(json!({"Attributes": {"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:orders"}}));
    assert!(found.objects.is_empty() && found.notes.len() == 1, "{:?}", found.notes);
    // A function's, and a description of a secret, are others.
    for other in [
        json!({"Policy": policy, "RevisionId": "1"}),
        json!({"ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db", "Name": "db", "CreatedDate": 1}),
        json!({"Policy": {"Arn": "arn:aws:iam::111122223333:policy/p"}}),
    ] {
        assert!(given(other.clone(), &Sidecar::default()).unwrap().is_err(), "{other}");
    }
}
