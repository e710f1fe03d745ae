//! When things end by themselves, and why nothing renews them.

use super::{planned, read, standing, values};
use crate::catalog::Catalog;
use crate::model::{Attributes, Horizon, Moment, Object};
use serde_json::{Value, json};

const END: &str = "2021-11-24T00:00:00Z";

/// The end that an object itself has, `until SURE / POSSIBLE: why`.
fn end(object: &Object) -> Option<String> {
    let fact = read(object)
        .into_iter()
        .find(|fact| fact.address.is_some() || fact.evidence.pointer == "/0".into())?;
    let end = fact.end?;
    let Horizon { sure, possible } = end.horizon;
    Some(format!("{} / {}: {}", word(sure), word(possible), end.because.as_deref().unwrap_or_default()))
}

fn word(moment: Moment) -> String {
    match moment {
        Moment::At(at) => at.to_string(),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn row(kind: &str, value: Value) -> Option<String> {
    end(&standing(kind, value))
}

#[test]
fn iam_renews_no_certificate() {
    let wanted = Some(format!("{END} / {END}: IAM renews no certificate"));
    let row_of = |expiration: &str| {
        row(
            "aws:server-certificate",
            json!({"ServerCertificateName": "a", "Arn": "arn:aws:iam::1:server-certificate/a", "Expiration": expiration}),
        )
    };
    assert_eq!(row_of(END), wanted);
    assert_eq!(row_of("2021-11-24T00:00:00+00:00"), wanted);
    // A date that nobody can read is no licence to go on for ever.
    assert_eq!(row_of("soon").as_deref(), Some("never / eventually: IAM renews no certificate"));
    let own = values(json!({"name": "a", "expiration": END}));
    assert_eq!(end(&planned("aws_iam_server_certificate", Some(own.clone()), Some(own))), wanted);
    // What is made by the plan is good then.
    let made = Attributes { unknown: json!({"expiration": true}), ..values(json!({"name": "a"})) };
    assert_eq!(end(&planned("aws_iam_server_certificate", None, Some(made))), None);
}

#[test]
fn acm_renews_what_it_issued_itself() {
    let of = |more: Value| {
        let mut row = json!({"CertificateArn": "arn:aws:acm:eu-west-1:1:certificate/a", "DomainName": "a.example", "NotAfter": END});
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self::row("aws:certificate", row)
    };
    assert_eq!(of(json!({"Type": "AMAZON_ISSUED", "InUse": true, "RenewalEligibility": "ELIGIBLE"})), None);
    assert_eq!(
        of(json!({"Type": "AMAZON_ISSUED", "InUse": false, "RenewalEligibility": "INELIGIBLE"})),
        None
    );
    for (more, why) in [
        (json!({"Type": "IMPORTED"}), "ACM does not renew what was imported"),
        (
            json!({"Type": "AMAZON_ISSUED", "RenewalSummary": {"RenewalStatus": "FAILED"}}),
            "its renewal by ACM has failed",
        ),
        (
            json!({"Type": "AMAZON_ISSUED", "InUse": true, "RenewalEligibility": "INELIGIBLE"}),
            "ACM says that it cannot renew it",
        ),
        (
            json!({"Type": "AMAZON_ISSUED", "DomainValidationOptions": [{"ValidationMethod": "EMAIL"}]}),
            "ACM renews it when somebody answers its e-mail, and nobody knows whether that happens",
        ),
    ] {
        assert_eq!(of(more), Some(format!("{END} / {END}: {why}")));
    }
}

/// Where a condition may hold, it surely holds until then, and perhaps for ever.
#[test]
fn an_end_under_a_condition_that_nobody_knows_is_a_possible_one() {
    let unknown = Attributes {
        unknown: json!({"type": true}),
        ..values(json!({"domain_name": "a.example", "not_after": END}))
    };
    assert_eq!(
        end(&planned("aws_acm_certificate", None, Some(unknown))),
        Some(format!("{END} / forever: ACM does not renew what was imported"))
    );
}

/// What a certificate is for, by the name that people gave it.
#[test]
fn names_that_say_what_a_certificate_is_for() {
    let of = |name: &str| {
        let row = json!({"ServerCertificateName": name, "Arn": format!("arn:aws:iam::1:server-certificate/{name}")});
        let facts = read(&standing("aws:server-certificate", row));
        let names = facts[0].names.iter().filter(|alias| alias.space() == "tls-name");
        names.map(|alias| alias.value().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of("api.internal.example.com"), ["api.internal.example.com"]);
    assert_eq!(of("api.internal.example.com-2020"), ["api.internal.example.com"]);
    assert_eq!(of("api.example.com_2021-03"), ["api.example.com"]);
    assert!(of("star.internal.example.com-2020").contains(&"*.internal.example.com".to_owned()));
    assert_eq!(of("old-tls"), Vec::<String>::new());
}

/// One row for each kind that has an end, in the other clouds.
#[test]
fn ends_of_the_other_clouds() {
    let both = |kind: &str, value: Value| {
        let values = values(value);
        end(&planned(kind, Some(values.clone()), Some(values)))
    };
    let certificate = |issuer: &str, action: &str| {
        json!({"name": "a", "id": "https://v/certificates/a/1",
            "certificate_attribute": [{"expires": END}],
            "certificate_policy": [{"issuer_parameters": [{"name": issuer}],
                "lifetime_action": [{"action": [{"action_type": action}]}]}]})
    };
    for (kind, value, why) in [
        (
            "azuread_application_password",
            json!({"key_id": "k", "end_date": END}),
            Some("nobody renews a password"),
        ),
        (
            "azuread_application_certificate",
            json!({"key_id": "k", "end_date": END}),
            Some("nobody renews what was uploaded"),
        ),
        (
            "azurerm_key_vault_secret",
            json!({"name": "a", "expiration_date": END}),
            Some("its vault renews no secret by itself"),
        ),
        ("azurerm_key_vault_certificate", certificate("Self", "AutoRenew"), None),
        (
            "azurerm_key_vault_certificate",
            certificate("Self", "EmailContacts"),
            Some("its policy does not say that the vault renews it"),
        ),
        (
            "azurerm_key_vault_certificate",
            certificate("Unknown", "AutoRenew"),
            Some("its vault cannot renew what it did not have issued"),
        ),
        (
            "google_service_account_key",
            json!({"name": "a", "valid_before": END}),
            Some("a key is not renewed"),
        ),
        ("google_service_account_key", json!({"name": "a", "valid_before": "9999-12-31T23:59:59Z"}), None),
        (
            "google_compute_ssl_certificate",
            json!({"name": "a", "expire_time": END}),
            Some("Google renews managed certificates only"),
        ),
        ("google_compute_managed_ssl_certificate", json!({"name": "a", "expire_time": END}), None),
        (
            "tls_self_signed_cert",
            json!({"id": "a", "validity_end_time": END}),
            Some("nothing but an apply renews it"),
        ),
    ] {
        assert_eq!(
            both(kind, value.clone()),
            why.map(|why| format!("{END} / {END}: {why}")),
            "{kind}: {value}"
        );
    }
}

/// Passwords of an application end each by itself, and not the application.
#[test]
fn passwords_of_an_application() {
    let row = json!({"displayName": "billing", "appId": "a1", "id": "o1", "passwordCredentials": [
        {"keyId": "k1", "displayName": "old", "endDateTime": END}, {"keyId": "k2", "endDateTime": "2024-01-01T00:00:00Z"}]});
    let ends: Vec<String> = read(&standing("azure:application", row))
        .iter()
        .filter_map(|fact| Some(format!("{} {}", fact.name, word(fact.end.as_ref()?.horizon.sure))))
        .collect();
    assert_eq!(
        ends,
        ["password old of billing 2021-11-24T00:00:00Z", "password k2 of billing 2024-01-01T00:00:00Z"]
    );
}

/// An age that an own entry of the catalog names.
#[test]
fn an_age_ends_it() {
    let own = "[[type]]\nkind = \"aws:access-key\"\nclass = \"credential\"\nname = [\"{AccessKeyId}\"]\n\
               [[type.ends]]\nat = \"{CreateDate}\"\nafter = \"90d\"\nbecause = \"our policy\"\n";
    let mut catalog = Catalog::builtin().unwrap();
    catalog.add("own.toml", own).unwrap();
    let key =
        standing("aws:access-key", json!({"AccessKeyId": "AKIA1", "CreateDate": "2021-08-26T00:00:00Z"}));
    let facts = catalog.facts(&key, false, &std::collections::BTreeSet::new());
    assert_eq!(facts[0].end.as_ref().map(|end| word(end.horizon.sure)), Some(END.to_owned()));
}

/// The end of a TLS secret, where something beside it tells.
#[test]
fn annotations_tell_of_tls_secrets() {
    let secret = |key: &str| json!({"metadata": {"name": "tls", "namespace": "prod", "annotations": {key: END}}, "type": "kubernetes.io/tls"});
    for key in ["auth.openshift.io/certificate-not-after", "mainstay.dev/not-after"] {
        let wanted = format!("{END} / {END}: nothing that is known renews it");
        assert_eq!(row("kubernetes:Secret", secret(key)), Some(wanted), "{key}");
    }
    assert_eq!(row("kubernetes:Secret", secret("note")), None);
}
