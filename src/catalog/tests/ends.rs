//! When things end by themselves, and why nothing renews them.

use super::{planned, read, standing, values};
use crate::model::{Attributes, Horizon, Moment, Object};
use serde_json::{Value, json};

const END: &str = "2021-11-24T00:00:00Z";

/// The end that an object itself has, `until SURE / POSSIBLE: why`.
fn end(object: &Object) -> Option<String> {
    let fact = read(object)
        .into_iter()
        .find(|fact| fact.address.is_some() || fact.evidence.pointer == "/0".into())?;
    let end = fact.end?;
    let word = |moment: Moment| match moment {
        Moment::At(at) => at.to_string(),
        other => format!("{other:?}").to_lowercase(),
    };
    let Horizon { sure, possible } = end.horizon;
    Some(format!("{} / {}: {}", word(sure), word(possible), end.because.as_deref().unwrap_or_default()))
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
