//! Trust policies of AWS: who is believed, what a change in place takes away, and what only looks like it.
//!
//! Sources: IAM User Guide, "AWS JSON policy elements: Principal", "Policy evaluation logic", "Roles terms and concepts";
//! Amazon EKS User Guide, "IAM roles for service accounts", "EKS Pod Identity".

use serde_json::{Value as Json, json};

use crate::support::amazon::{
    ACCOUNT, HOST, ISSUER, account, cluster, document, irsa, listed_role, role, role_arn,
};
use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

const APP: &str = "aws_iam_role.app";
const SUBJECT: &str = "system:serviceaccount:shop:web";
const READ: &str = "arn:aws:s3:::shop-orders/*";

fn reads() -> Json {
    document(json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": READ}]))
}

fn trust(statements: &[Json]) -> Json {
    document(statements.into())
}

fn own() -> Json {
    irsa(&json!(SUBJECT))
}

/// A deployment that reads a bucket as the role that its service account asks for.
fn by_token() -> Scene {
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/shop/web\"]\n\
         [[workload.needs]]\nidentity = \"kubernetes:ServiceAccount/shop/web\"\naction = \"s3:GetObject\"\nscope = \"{READ}\"\n"
    ));
    account(&mut scene, &[listed_role("app", &trust(&[own()]), &[("read", reads())])], &[]);
    cluster(&mut scene, Some("app"));
    scene.stays("aws_iam_openid_connect_provider.own", json!({"id": ISSUER, "arn": ISSUER, "url": HOST}));
    scene
}

/// The trust policy of the role becomes another one in place.
fn becomes(scene: &mut Scene, name: &str, before: &[Json], after: &[Json]) {
    let (before, after) = (role(name, &trust(before)), role(name, &trust(after)));
    scene.object(&format!("aws_iam_role.{name}"), before, after);
}

/// The same of the role of the deployment, as the listing had it.
fn turns(scene: &mut Scene, before: &[Json], after: &[Json]) {
    account(scene, &[listed_role("app", &trust(before), &[("read", reads())])], &[]);
    becomes(scene, "app", before, after);
}

fn under(key: &str, operator: &str, value: Json) -> Json {
    let mut statement = own();
    let condition = statement["Condition"].as_object_mut().unwrap();
    condition.entry(operator).or_insert(json!({}))[key] = value;
    statement
}

#[test]
fn tokens_of_a_cluster() {
    let sub = format!("{HOST}:sub");
    let like = |pattern: &str| {
        let mut statement = own();
        statement["Condition"] = json!({"StringLike": {sub.clone(): pattern}});
        statement
    };
    let (all_of_shop, all_of_pay, misread) =
        (like("system:serviceaccount:shop:*"), like("system:serviceaccount:pay:*"), {
            let mut statement = own();
            statement["Condition"]["StringEquals"][sub.clone()] = "system:serviceaccount:shop:*".into();
            statement
        });
    let other = ISSUER.replace("/AA", "/BB");
    let of_other = {
        let text = own().to_string().replace("/id/AA", "/id/BB");
        serde_json::from_str::<Json>(&text).unwrap()
    };
    let rows = vec![
        row("EKS", "the subject is another one", Loss, |scene| {
            turns(scene, &[own()], &[irsa(&json!("system:serviceaccount:shop:api"))]);
        }),
        row("EKS", "one subject of two goes", Loss, |scene| {
            let two = irsa(&json!([SUBJECT, "system:serviceaccount:shop:api"]));
            turns(scene, &[two], &[irsa(&json!("system:serviceaccount:shop:api"))]);
        }),
        row("EKS", "the other subject of two goes", Quiet, |scene| {
            let two = irsa(&json!([SUBJECT, "system:serviceaccount:shop:api"]));
            turns(scene, &[two], &[own()]);
        }),
        row("EKS", "a list of one, and a list of statements that is one", Quiet, |scene| {
            let mut list = irsa(&json!([SUBJECT]));
            list["Action"] = json!(["sts:AssumeRoleWithWebIdentity"]);
            list["Principal"] = json!({"Federated": [ISSUER]});
            turns(scene, &[own()], &[list]);
        }),
        row("EKS", "one statement and not a list", Quiet, |scene| {
            let after = json!({"Statement": own(), "Version": "2012-10-17"});
            scene.object(APP, role("app", &trust(&[own()])), role("app", &after));
        }),
        row("EKS", "two subjects become two statements", Quiet, |scene| {
            let two = irsa(&json!([SUBJECT, "system:serviceaccount:shop:api"]));
            turns(scene, &[two], &[irsa(&json!("system:serviceaccount:shop:api")), own()]);
        }),
        row("EKS", "all of the namespace, where it was this one", Quiet, {
            let wide = all_of_shop.clone();
            move |scene| turns(scene, &[own()], std::slice::from_ref(&wide))
        }),
        row("EKS", "all of another namespace", Loss, move |scene| {
            turns(scene, &[own()], std::slice::from_ref(&all_of_pay));
        }),
        row("EKS", "this one, where it was all of the namespace", Quiet, {
            let wide = all_of_shop.clone();
            move |scene| turns(scene, std::slice::from_ref(&wide), &[own()])
        }),
        row(
            "terraform-aws-iam#485",
            "a star where names are compared letter by letter",
            Loss,
            move |scene| {
                turns(scene, std::slice::from_ref(&all_of_shop), std::slice::from_ref(&misread));
            },
        ),
        row("EKS", "another provider: a new cluster", Loss, {
            let (other, of_other) = (other.clone(), of_other.clone());
            move |scene| {
                let url = HOST.replace("/AA", "/BB");
                scene.stays(
                    "aws_iam_openid_connect_provider.b",
                    json!({"id": other, "arn": other, "url": url}),
                );
                turns(scene, &[own()], std::slice::from_ref(&of_other));
            }
        }),
        row("EKS", "another provider besides", Quiet, {
            let (other, of_other) = (other.clone(), of_other.clone());
            move |scene| {
                let url = HOST.replace("/AA", "/BB");
                scene.stays(
                    "aws_iam_openid_connect_provider.b",
                    json!({"id": other, "arn": other, "url": url}),
                );
                turns(scene, &[own()], &[of_other.clone(), own()]);
            }
        }),
        row("IAM, Condition", "tokens for somebody else", Loss, |scene| {
            turns(scene, &[own()], &[under(&format!("{HOST}:aud"), "StringEquals", json!("other"))]);
        }),
        row("IAM, Condition", "only from some addresses", Loss, |scene| {
            turns(scene, &[own()], &[under("aws:SourceIp", "IpAddress", json!("10.0.0.0/8"))]);
        }),
        row("IAM, Condition", "an unknown condition spelt in another way", Quiet, |scene| {
            let one = under("aws:SourceIp", "IpAddress", json!("10.0.0.0/8"));
            let other = under("AWS:sourceip", "IpAddress", json!(["10.0.0.0/8"]));
            turns(scene, &[one], &[other]);
        }),
        row("IAM, Condition", "an unknown condition goes", Quiet, |scene| {
            let one = under("aws:SourceIp", "IpAddress", json!("10.0.0.0/8"));
            turns(scene, &[one], &[own()]);
        }),
        row("IAM, explicit deny", "its tokens are denied", Loss, |scene| {
            let mut deny = own();
            deny["Effect"] = "Deny".into();
            turns(scene, &[own()], &[own(), deny]);
        }),
        row("IAM, explicit deny", "tokens of another are denied", Quiet, |scene| {
            let mut deny = irsa(&json!("system:serviceaccount:pay:*"));
            deny["Effect"] = "Deny".into();
            turns(scene, &[own()], &[own(), deny]);
        }),
        row("IAM, explicit deny", "all is denied under a condition", Loss, |scene| {
            let deny = json!({"Effect": "Deny", "Action": "sts:*", "Principal": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
            turns(scene, &[own()], &[own(), deny]);
        }),
        row("IAM, explicit deny", "a deny goes", Quiet, |scene| {
            let deny = json!({"Effect": "Deny", "Action": "sts:*", "Principal": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
            turns(scene, &[own(), deny], &[own()]);
        }),
        row("IAM, Action", "another action", Loss, |scene| {
            let mut tag = own();
            tag["Action"] = "sts:TagSession".into();
            turns(scene, &[own()], &[tag]);
        }),
        row("IAM, Action", "the action by a pattern", Quiet, |scene| {
            let mut any = own();
            any["Action"] = "sts:AssumeRole*".into();
            turns(scene, &[own()], &[any]);
        }),
        row("terraform#30937", "known only after apply", Loss, |scene| {
            let mut after = role("app", &trust(&[own()]));
            after["assume_role_policy"] = "?".into();
            scene.object(APP, role("app", &trust(&[own()])), after);
        }),
    ];
    judge(&by_token(), rows);
}

/// A function that reads a bucket: directly, or by way of another role.
fn by_chain(trust_of_target: &[Json], own_policy: Option<Json>) -> Scene {
    let lambda = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}});
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"aws_lambda_function.web\"]\n\
         [[workload.needs]]\nidentity = \"{}\"\naction = \"sts:AssumeRole\"\nscope = \"{}\"\n",
        role_arn("app"),
        role_arn("target")
    ));
    scene.stays(
        "aws_lambda_function.web",
        json!({"id": "web", "function_name": "web", "arn": format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:web"),
            "role": role_arn("app")}),
    );
    let inline: Vec<(&str, Json)> = own_policy.into_iter().map(|own| ("assume", own)).collect();
    let roles = [
        listed_role("app", &trust(&[lambda]), &inline),
        listed_role("target", &trust(trust_of_target), &[("read", reads())]),
        listed_role("other", &trust(&[]), &[]),
    ];
    account(&mut scene, &roles, &[]);
    scene
}

fn to_assume(principal: &Json) -> Json {
    json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})
}

fn may_assume() -> Json {
    document(json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role_arn("target")}]))
}

#[test]
fn a_role_that_names_a_role() {
    let named = || to_assume(&json!({"AWS": role_arn("app")}));
    let target = |scene: &mut Scene, after: &[Json]| {
        becomes(scene, "target", &[to_assume(&json!({"AWS": role_arn("app")}))], after);
    };
    let rows = vec![
        row("IAM, one account", "another role is named", Loss, move |scene| {
            target(scene, &[to_assume(&json!({"AWS": role_arn("other")}))]);
        }),
        row("IAM, one account", "another one besides", Quiet, move |scene| {
            target(scene, &[to_assume(&json!({"AWS": [role_arn("other"), role_arn("app")]}))]);
        }),
        row("IAM, one account", "its account, where its own policy says nothing", Loss, move |scene| {
            target(scene, &[to_assume(&json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}))]);
        }),
        row("IAM, one account", "everybody", Quiet, move |scene| {
            target(scene, &[to_assume(&json!("*"))]);
        }),
        row("IAM, Condition", "everybody, if it is the one", Quiet, move |scene| {
            let mut all = to_assume(&json!({"AWS": "*"}));
            all["Condition"] =
                json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{ACCOUNT}:role/a*")}});
            target(scene, &[all]);
        }),
        row("IAM, Condition", "everybody, if it is another one", Loss, move |scene| {
            let mut all = to_assume(&json!({"AWS": "*"}));
            all["Condition"] =
                json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{ACCOUNT}:role/b*")}});
            target(scene, &[all]);
        }),
        row("IAM, Condition", "with an external id", Loss, move |scene| {
            let mut same = to_assume(&json!({"AWS": role_arn("app")}));
            same["Condition"] = json!({"StringEquals": {"sts:ExternalId": "x"}});
            target(scene, &[same]);
        }),
        row("IAM, Principal", "one session of it", Loss, move |scene| {
            let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/web");
            target(scene, &[to_assume(&json!({"AWS": session}))]);
        }),
        row("IAM, explicit deny", "it is denied besides", Loss, move |scene| {
            let mut deny = named();
            deny["Effect"] = "Deny".into();
            target(scene, &[named(), deny]);
        }),
        row("IAM, explicit deny", "all but it are denied", Quiet, move |scene| {
            let deny = json!({"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*",
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": role_arn("app")}}});
            target(scene, &[named(), deny]);
        }),
        row("IAM, explicit deny", "all but another one are denied", Loss, move |scene| {
            let deny = json!({"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*",
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": role_arn("other")}}});
            target(scene, &[named(), deny]);
        }),
        row("IAM, unique ids", "the role that is named is made anew", Loss, |scene| {
            let trusted = trust(&[json!({"Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"}})]);
            let mut after = role("app", &trusted);
            ["arn", "unique_id", "id"].iter().for_each(|key| after[*key] = "?".into());
            scene.doing(APP, &["delete", "create"], role("app", &trusted), after);
        }),
        row("IAM, services", "the function's role no longer believes the service", Loss, |scene| {
            let service = |name: &str| to_assume(&json!({"Service": name}));
            becomes(scene, "app", &[service("lambda.amazonaws.com")], &[service("ec2.amazonaws.com")]);
        }),
        row("IAM, services", "a service by its name in China, and in others", Quiet, |scene| {
            let service = |name: &str| to_assume(&json!({"Service": name}));
            becomes(scene, "app", &[service("lambda.amazonaws.com")], &[service("lambda.amazonaws.com.cn")]);
        }),
        row("IAM, services", "the function's role believes two services", Quiet, |scene| {
            let service = |names: Json| to_assume(&json!({"Service": names}));
            becomes(
                scene,
                "app",
                &[service(json!("lambda.amazonaws.com"))],
                &[service(json!(["edgelambda.amazonaws.com", "lambda.amazonaws.com"]))],
            );
        }),
    ];
    judge(&by_chain(&[named()], None), rows);
}

#[test]
fn an_account_that_is_named_leaves_it_to_its_own_policies() {
    let root = || to_assume(&json!({"AWS": ACCOUNT}));
    let inline = |document: Json| json!({"id": "app:assume", "name": "assume", "role": "app", "policy": document.to_string()});
    let rows = vec![
        row("IAM, one account", "its own policy goes", Loss, move |scene| {
            scene.object("aws_iam_role_policy.assume", inline(may_assume()), Json::Null);
        }),
        row("IAM, one account", "the account is no longer named", Loss, move |scene| {
            becomes(scene, "target", &[root()], &[to_assume(&json!({"AWS": role_arn("other")}))]);
        }),
        row("IAM, Principal", "the account by its ARN", Quiet, move |scene| {
            let arn = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
            becomes(scene, "target", &[root()], &[to_assume(&arn)]);
        }),
        row("IAM, one account", "it is named itself besides", Quiet, move |scene| {
            becomes(scene, "target", &[root()], &[root(), to_assume(&json!({"AWS": role_arn("app")}))]);
        }),
    ];
    judge(&by_chain(&[root()], Some(may_assume())), rows);
}

#[test]
fn another_account_must_be_asked_on_both_sides() {
    let foreign = "arn:aws:iam::999988887777:role/theirs";
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"aws_lambda_function.web\"]\n\
         [[workload.needs]]\nidentity = \"{}\"\naction = \"sts:AssumeRole\"\nscope = \"{foreign}\"\n",
        role_arn("app")
    ));
    scene.stays(
        "aws_lambda_function.web",
        json!({"id": "web", "function_name": "web", "arn": "arn:aws:lambda:eu-west-1:111122223333:function:web",
            "role": role_arn("app")}),
    );
    let own = document(json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": foreign}]));
    account(&mut scene, &[listed_role("app", &trust(&[]), &[("assume", own.clone())])], &[]);
    // What the other account says is not known: what goes on this side is lost all the same.
    let inline = json!({"id": "app:assume", "name": "assume", "role": "app", "policy": own.to_string()});
    scene.object("aws_iam_role_policy.assume", inline, Json::Null);
    let judged = scene.check();
    assert_eq!(judged.code, 3, "{:?}", judged.loud());
    assert!(!judged.by_plan("breaks-workload").is_empty());
}

/// The listing was taken before the plan was made: whom the policy believed then, it no longer does.
#[test]
fn an_older_listing_does_not_cover() {
    let mut scene = by_token();
    let mut wide = own();
    wide["Condition"] = json!({"StringLike": {format!("{HOST}:sub"): "system:serviceaccount:shop:*"}});
    becomes(&mut scene, "app", &[wide], &[irsa(&json!("system:serviceaccount:shop:api"))]);
    let judged = scene.check();
    assert_eq!(judged.code, 3, "{:?}", judged.loud());
    assert!(!judged.by_plan("breaks-workload").is_empty());
}

/// What is updated in place is not taken away as a whole, and is not made again.
#[test]
fn an_update_is_told_as_one() {
    let mut scene = by_token();
    turns(&mut scene, &[own()], &[irsa(&json!("system:serviceaccount:shop:api"))]);
    let judged = scene.check();
    let finding = judged.the("breaks-workload");
    let title = finding["title"].as_str().unwrap();
    assert!(title.starts_with("the update of aws_iam_role.app takes "), "{title}");
    assert_eq!(finding["undo_note"], "what the update changes can be changed back");
    assert!(!finding.to_string().contains("created again"), "{finding:#}");
}

/// Source: IAM User Guide, "Create an OpenID Connect (OIDC) identity provider in IAM", on audiences.
#[test]
fn for_whom_the_tokens_are_that_a_provider_takes() {
    let provider =
        |audiences: &[&str]| json!({"id": ISSUER, "arn": ISSUER, "url": HOST, "client_id_list": audiences});
    let becomes = move |scene: &mut Scene, after: &[&str]| {
        scene.without("aws_iam_openid_connect_provider.own");
        let before = provider(&["sts.amazonaws.com"]);
        scene.object("aws_iam_openid_connect_provider.own", before, provider(after));
    };
    let rows = vec![
        row("IAM, audiences", "those for AWS no longer", Loss, move |scene| becomes(scene, &["other"])),
        row("IAM, audiences", "others besides", Quiet, move |scene| {
            becomes(scene, &["other", "sts.amazonaws.com"]);
        }),
    ];
    judge(&by_token(), rows);
}

/// Source: Amazon EKS User Guide, "EKS Pod Identity", target roles.
#[test]
fn pods_act_by_way_of_one_role_as_another() {
    let pods = || {
        json!({"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Principal": {"Service": "pods.eks.amazonaws.com"}})
    };
    let named = |name: &str| to_assume(&json!({"AWS": role_arn(name)}));
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/shop/web\"]\n\
         [[workload.needs]]\nidentity = \"kubernetes:ServiceAccount/shop/web\"\naction = \"s3:GetObject\"\nscope = \"{READ}\"\n"
    ));
    let roles = [
        listed_role("app", &trust(&[pods()]), &[]),
        listed_role("target", &trust(&[named("app")]), &[("read", reads())]),
    ];
    account(&mut scene, &roles, &[]);
    cluster(&mut scene, None);
    scene.stays(
        "aws_eks_pod_identity_association.web",
        json!({"id": "a-1", "association_id": "a-1", "association_arn": "arn:aws:eks:eu-west-1:111122223333:podidentityassociation/c/a-1",
            "cluster_name": "c", "namespace": "shop", "service_account": "web", "role_arn": role_arn("app"),
            "target_role_arn": role_arn("target")}),
    );
    let rows = vec![
        row("EKS", "the first role no longer believes the pods", Loss, move |scene| {
            becomes(scene, "app", &[pods()], &[to_assume(&json!({"Service": "ec2.amazonaws.com"}))]);
        }),
        row("EKS", "pods may no longer tag their sessions", Loss, move |scene| {
            becomes(scene, "app", &[pods()], &[to_assume(&json!({"Service": "pods.eks.amazonaws.com"}))]);
        }),
        row("EKS", "pods may do all that there is", Quiet, move |scene| {
            let mut all = pods();
            all["Action"] = "sts:*".into();
            becomes(scene, "app", &[pods()], &[all]);
        }),
        row("EKS", "the other role no longer believes the first", Loss, move |scene| {
            becomes(scene, "target", &[named("app")], &[named("other")]);
        }),
        row("EKS", "the other role believes another one besides", Quiet, move |scene| {
            becomes(scene, "target", &[named("app")], &[named("other"), named("app")]);
        }),
    ];
    judge(&scene, rows);
}
