//! From catalog files as written to entries.

use super::end::EndEntry;
use super::entry::{
    Compiled, Container, ContentEntry, Entry, Keys, NeedEntry, PhaseEntry, RoleEntry, ServesEntry, Shape,
    Test, When, WishEntry,
};
use super::expression;
use super::lease::{Attribute, IssuedEntry, LeaseEntry};
use super::path::{AliasTemplate, Path, Template};
use super::raw::{
    OneOrMany, RawActs, RawDeny, RawEnd, RawEntry, RawFile, RawGrant, RawLease, RawNeed, RawOnly,
    RawOutlives, RawPair, RawRole, RawTrust, RawValue, RawWhen,
};
use crate::model::{Class, Glob, Issue, Kind, Plain, Strength, UndoClass, UndoCost};

impl RawFile {
    /// Compiles a file; `shapes` are those of files read before, to which this one's are added.
    ///
    /// # Errors
    /// A sentence that names the entry.
    pub fn compile(self, origin: &str, shapes: &mut Vec<Shape>) -> Result<Compiled, String> {
        shapes.extend(self.shape);
        let types = self.types.into_iter().flat_map(|raw| raw.for_each(&self.scopes));
        let types = types.map(|raw| raw.compile(origin, shapes, true)).collect::<Result<_, _>>()?;
        let needs = self.needs.into_iter().map(|raw| raw.compile(origin, true)).collect::<Result<_, _>>()?;
        let containers = self
            .container
            .into_iter()
            .map(|raw| {
                let inside =
                    expression::expression(&raw.inside).map_err(|error| no_regex(&raw.inside, &error))?;
                let outer = raw.outer.as_deref().unwrap_or("{}");
                let (before, behind) =
                    outer.split_once("{}").ok_or(format!("`{outer}` has no {{}} for what lies in it"))?;
                let outer = (before.to_owned(), behind.to_owned());
                Ok(Container { space: raw.space, inside, outer, label: raw.label })
            })
            .collect::<Result<_, String>>()?;
        Ok(Compiled {
            types,
            needs,
            criticality: paths(&self.criticality)?,
            environment: paths(&self.environment)?,
            containers,
        })
    }
}

/// The last line of the error is the one that says what is wrong; those before it draw the place.
fn no_regex(pattern: &str, error: &regex::Error) -> String {
    let error = error.to_string();
    let why = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
    format!("`{pattern}` is not a regular expression: {why}")
}

fn templates(list: &[String]) -> Result<Vec<Template>, String> {
    list.iter().map(|text| Template::parse(text)).collect()
}

fn aliases(list: &[String]) -> Result<Vec<AliasTemplate>, String> {
    list.iter().map(|text| AliasTemplate::parse(text)).collect()
}

fn paths(list: &[String]) -> Result<Vec<Path>, String> {
    list.iter().map(|text| Path::parse(text)).collect()
}

fn path(text: Option<&str>) -> Result<Option<Path>, String> {
    text.map(Path::parse).transpose()
}

fn template(text: Option<&String>) -> Result<Option<Template>, String> {
    text.map(|text| Template::parse(text)).transpose()
}

fn globs(list: &[String]) -> Vec<Glob> {
    list.iter().map(|text| Glob::new(text)).collect()
}

impl RawEntry {
    fn compile(self, origin: &str, shapes: &[Shape], top: bool) -> Result<Entry, String> {
        let listed = self.kind.as_ref().map(OneOrMany::list).unwrap_or_default();
        let title = listed.first().cloned().unwrap_or_default();
        let within =
            |error: String| if title.is_empty() { error } else { format!("type `{title}`: {error}") };
        if top && listed.is_empty() {
            return Err("a [[type]] has no `kind`".to_owned());
        }
        if !top && !self.carries.is_empty() {
            return Err(within("what is carried carries nothing itself: put it beside the other".to_owned()));
        }
        let alias_of = match self.alias_of {
            Some(kind) => {
                let shape = match self.shape {
                    Some(name) => Some(
                        shapes
                            .iter()
                            .find(|shape| shape.name == name)
                            .cloned()
                            .ok_or(within(format!("no shape `{name}`")))?,
                    ),
                    None => None,
                };
                Some((Kind::new(kind), shape))
            }
            None => None,
        };
        let content = compile_content(RawContent {
            grant: self.grant,
            role: self.role,
            deny: self.deny,
            pairs: [self.membership, self.also_named, self.bound],
            trust: self.trust,
            acts_as: self.acts_as,
            policy_of: self.policy_of,
            within: self.within,
            only: self.only,
        })
        .map_err(within)?;
        if self.natural_key && self.refuses_duplicates {
            return Err(within("`natural-key` and `refuses-duplicates` exclude each other".to_owned()));
        }
        let named = !self.unique.is_empty() || !self.names.is_empty();
        if self.natural_key && !named && matches!(content, ContentEntry::Thing) {
            return Err(within(
                "`natural-key` needs `unique`, `names` or a content that is its key".to_owned(),
            ));
        }
        let origin_here = if title.is_empty() { origin.to_owned() } else { format!("{origin}#{title}") };
        let users_listed_by: std::sync::Arc<[crate::model::Listing]> =
            self.users_listed_by.iter().map(|name| name.as_str().into()).collect();
        Ok(Entry {
            kinds: globs(listed),
            alias_of,
            class: self.class.unwrap_or(Class::Other),
            each: self.each.as_deref().map(Path::parse).transpose().map_err(within)?,
            when: self.when.into_iter().map(RawWhen::compile).collect::<Result<_, _>>().map_err(within)?,
            off: self.off.into_iter().map(RawWhen::compile).collect::<Result<_, _>>().map_err(within)?,
            name: templates(self.name.as_ref().map(OneOrMany::list).unwrap_or_default()).map_err(within)?,
            unique: aliases(&self.unique).map_err(within)?,
            names: aliases(&self.names).map_err(within)?,
            content,
            lease: self.lease.map(RawLease::compile).transpose().map_err(within)?.map(Box::new),
            ends: self.ends.into_iter().map(RawEnd::compile).collect::<Result<_, _>>().map_err(within)?,
            undo: match self.undo {
                Some(text) => Some(UndoCost {
                    undo: undo_class(&text).map_err(within)?,
                    note: self.undo_note.map(Into::into),
                }),
                None => None,
            },
            refuses_duplicates: self.refuses_duplicates,
            natural_key: self.natural_key,
            restarts: paths(&self.restarts).map_err(within)?,
            alters: paths(&self.alters).map_err(within)?,
            scan: self.scan,
            wakes: self.wakes,
            outlives: !matches!(self.outlives, RawOutlives::Either(false)),
            only_deletion: matches!(self.outlives, RawOutlives::Only(_)),
            keeps: paths(&self.keeps).map_err(within)?,
            documents: paths(&self.documents).map_err(within)?,
            carrier: template(self.carrier.as_ref()).map_err(within)?,
            merely_tells: self.merely_tells,
            variant_of: self.variant_of.as_deref().map(AliasTemplate::parse).transpose().map_err(within)?,
            attributes: self
                .attributes
                .into_iter()
                .map(|(name, text)| Ok((name, Template::parse(&text)?)))
                .collect::<Result<_, _>>()
                .map_err(within)?,
            leaves: self.leaves.into_iter().map(|(name, value)| (name, value.compile())).collect(),
            part_of: self.part_of.as_deref().map(AliasTemplate::parse).transpose().map_err(within)?,
            serves: match self.serves {
                Some(raw) => ServesEntry {
                    exactly: paths(&raw.exactly).map_err(within)?,
                    below: paths(&raw.below).map_err(within)?,
                    likely_below: paths(&raw.likely_below).map_err(within)?,
                    undecidable: match raw.undecidable {
                        Some(text) => Some((Path::parse(&text).map_err(within)?, text)),
                        None => None,
                    },
                },
                None => ServesEntry::default(),
            },
            carries: self
                .carries
                .into_iter()
                .map(|raw| raw.compile(&origin_here, shapes, false))
                .map(|carried| carried.map(|carried| carried.with_users(&users_listed_by)))
                .collect::<Result<_, _>>()
                .map_err(within)?,
            users_listed_by,
            listed_by: self.listed_by.as_deref().map(Into::into),
            needs: self
                .needs
                .into_iter()
                .map(|raw| raw.compile(&origin_here, false))
                .collect::<Result<_, _>>()
                .map_err(within)?,
        })
    }
}

/// What an entry says, of which it can say one thing only.
struct RawContent {
    grant: Option<RawGrant>,
    role: Option<RawRole>,
    deny: Option<RawDeny>,
    /// Membership, further name, bound.
    pairs: [Option<RawPair>; 3],
    trust: Option<RawTrust>,
    acts_as: Option<RawActs>,
    policy_of: Option<String>,
    within: Option<RawPair>,
    only: Option<RawOnly>,
}

fn compile_content(raw: RawContent) -> Result<ContentEntry, String> {
    let RawContent { grant, role, deny, pairs, trust, acts_as, policy_of, within, only } = raw;
    let contents = [
        grant.is_some(),
        role.is_some(),
        deny.is_some(),
        within.is_some(),
        only.is_some(),
        trust.is_some(),
        acts_as.is_some(),
        policy_of.is_some(),
    ];
    let said = contents.iter().filter(|there| **there).count() + pairs.iter().flatten().count();
    if said > 1 {
        return Err("says more than one thing (grant, role, membership, trust, acts-as, also-named, bound, within, only, \
                    deny, policy-of)"
            .to_owned());
    }
    if let Some(raw) = grant {
        return Ok(ContentEntry::Grant {
            cloud: raw.cloud,
            principal: AliasTemplate::parse(&raw.principal)?,
            principal_type: template(raw.principal_type.as_ref())?,
            role_id: template(raw.role_id.as_ref())?,
            role_name: template(raw.role_name.as_ref())?,
            scope: template(raw.scope.as_ref())?,
            condition: template(raw.condition.as_ref())?,
            until: template(raw.until.as_ref())?,
            allows: raw.allows.map(RawRole::compile).transpose()?.map(Box::new),
            by_resource: raw.by_resource,
        });
    }
    if let Some(raw) = role {
        return raw.compile().map(Box::new).map(ContentEntry::Role);
    }
    if let Some(raw) = deny {
        return Ok(ContentEntry::Deny {
            principals: Path::parse(&raw.principals)?,
            space: raw.space,
            everyone: raw.everyone,
            except: Path::parse(&raw.except)?,
            scope: Template::parse(&raw.scope)?,
            this_scope_only: Path::parse(&raw.this_scope_only)?,
            condition: template(raw.condition.as_ref())?,
            role: Box::new(raw.role.compile()?),
        });
    }
    if let Some(raw) = within {
        return Ok(ContentEntry::Within(Template::parse(&raw.from)?, Template::parse(&raw.to)?));
    }
    if let Some(raw) = only {
        return Ok(ContentEntry::Only {
            cloud: raw.cloud,
            principal: raw.principal.as_deref().map(AliasTemplate::parse).transpose()?,
            role_id: template(raw.role_id.as_ref())?,
            scope: Template::parse(&raw.scope)?,
            condition: template(raw.condition.as_ref())?,
            listed: Path::parse(&raw.listed)?,
            carriers: template(raw.carriers.as_ref())?,
            on_delete: raw.on_delete,
        });
    }
    let alias = |text: &str| AliasTemplate::parse(text);
    if let Some(raw) = trust {
        return Ok(ContentEntry::Trust {
            from: alias(&raw.from)?,
            to: alias(&raw.to)?,
            issuer: template(raw.issuer.as_ref())?,
            condition: template(raw.condition.as_ref())?,
            denies: path(raw.denies.as_deref())?,
        });
    }
    if let Some(raw) = acts_as {
        let service = raw.service.as_deref().map(AliasTemplate::parse).transpose()?;
        let (who, identity) = (alias(&raw.from)?, alias(&raw.to)?);
        return Ok(ContentEntry::ActsAs { who, identity, service, at_start: raw.at_start });
    }
    if let Some(resource) = policy_of {
        return Ok(ContentEntry::PolicyOf(Template::parse(&resource)?));
    }
    let [membership, also_named, bound] = pairs;
    let pair =
        |raw: RawPair| Ok::<_, String>((AliasTemplate::parse(&raw.from)?, AliasTemplate::parse(&raw.to)?));
    Ok(match (membership, also_named, bound) {
        (Some(raw), ..) => pair(raw).map(|(from, to)| ContentEntry::Membership(from, to))?,
        (_, Some(raw), _) => pair(raw).map(|(from, to)| ContentEntry::Name(from, to))?,
        (.., Some(raw)) => pair(raw).map(|(from, to)| ContentEntry::Bound(from, to))?,
        _ => ContentEntry::Thing,
    })
}

impl RawRole {
    fn compile(self) -> Result<RoleEntry, String> {
        Ok(RoleEntry {
            cloud: self.cloud,
            id: templates(self.id.as_ref().map(OneOrMany::list).unwrap_or_default())?,
            name: template(self.name.as_ref())?,
            of: template(self.of.as_ref())?,
            permissions: Path::parse(&self.permissions)?,
            keys: Keys {
                actions: self.actions,
                not_actions: self.not_actions,
                data_actions: self.data_actions,
                not_data_actions: self.not_data_actions,
                resources: self.resources,
                not_resources: self.not_resources,
                groups: self.groups,
                urls: self.urls,
                names: self.names,
                effect: self.effect,
                condition: self.condition.unwrap_or_else(|| "condition".to_owned()),
            },
            may_be_empty: self.may_be_empty,
            labels: path(self.labels.as_deref())?,
            gathers: path(self.gathers.as_deref())?,
            selectors: path(self.selectors.as_deref())?,
        })
    }
}

impl RawValue {
    fn compile(self) -> Plain {
        match self {
            RawValue::Truth(truth) => Plain::truth(truth),
            RawValue::Number(number) => Plain::number(&number.to_string()),
            RawValue::Text(text) => Plain::text(text),
        }
    }
}

/// Attributes with their own names: the last part of the path.
fn attributes(list: &[String]) -> Result<Vec<Attribute>, String> {
    let one = |text: &String| {
        let name = text.rsplit('.').next().unwrap_or(text).into();
        Ok(Attribute { name, path: Path::parse(text)? })
    };
    list.iter().map(one).collect()
}

impl RawLease {
    fn compile(self) -> Result<LeaseEntry, String> {
        let issued = self.issued.map(|raw| {
            let (at, until) = (templates(&raw.at)?, templates(&raw.until)?);
            Ok::<_, String>(IssuedEntry { at, until, granted: Path::parse(&raw.granted)? })
        });
        let accounts = self
            .accounts
            .map(|raw| Ok::<_, String>((Path::parse(&raw.names)?, Path::parse(&raw.namespaces)?)));
        Ok(LeaseEntry {
            ttl: attributes(&self.ttl)?,
            max: attributes(&self.max)?,
            period: attributes(&self.period)?,
            explicit: attributes(&self.explicit_max)?,
            no_effect: attributes(&self.no_effect)?,
            fixed: self.fixed.into_iter().map(RawWhen::compile).collect::<Result<_, _>>()?,
            issues: match self.issues.as_deref() {
                None => None,
                Some("handed") => Some(Issue::Handed),
                Some("login") => Some(Issue::Login),
                Some("fetched") => Some(Issue::Fetched),
                Some(other) => return Err(format!("no `issues` `{other}` (handed, login, fetched)")),
            },
            issued: issued.transpose()?,
            mount: aliases(&self.mount)?,
            role: aliases(&self.role)?,
            held_by: templates(&self.held_by)?,
            accounts: accounts.transpose()?,
        })
    }
}

impl RawEnd {
    fn compile(self) -> Result<EndEntry, String> {
        let when = self.when.into_iter().map(RawWhen::compile).collect::<Result<_, _>>()?;
        let after = match &self.after {
            None => None,
            Some(text) => {
                Some(super::lease::seconds(text).ok_or(format!("no duration `{text}` (90d, 2160h)"))?)
            }
        };
        Ok(EndEntry { at: Template::parse(&self.at)?, after, when, because: self.because.map(Into::into) })
    }
}

impl RawWhen {
    fn compile(self) -> Result<When, String> {
        let or_missing = self.missing && (self.equals.is_some() || self.matches.is_some());
        let missing = self.missing && !or_missing;
        let test = match (self.equals, self.not, self.matches, missing, self.unknown) {
            (Some(value), None, None, false, false) => Test::Equals(value),
            (None, Some(value), None, false, false) => Test::Not(value),
            (None, None, Some(pattern), false, false) => Test::Matches(
                expression::of_all_in_any_case(&pattern).map_err(|error| no_regex(&pattern, &error))?,
            ),
            (None, None, None, true, false) => Test::Missing,
            (None, None, None, false, true) => Test::Unknown,
            (None, None, None, false, false) => Test::There,
            _ => return Err(format!("condition on `{}` says more than one thing", self.path)),
        };
        Ok(When { path: Path::parse(&self.path)?, test, or_missing })
    }
}

impl RawNeed {
    fn compile(self, origin: &str, top: bool) -> Result<NeedEntry, String> {
        let label = self.label.clone();
        let within = |error: String| format!("need `{label}`: {error}");
        let listed = self.of.as_ref().map(OneOrMany::list).unwrap_or_default();
        if top && listed.is_empty() {
            return Err(within("no `of`".to_owned()));
        }
        let phase = match (self.phase.as_deref(), self.renew) {
            (None | Some("always"), None) => PhaseEntry::Always,
            (Some("start"), None) => PhaseEntry::Start,
            (Some("run"), None) => PhaseEntry::Run,
            (None, Some(raw)) => PhaseEntry::Renew {
                end: Template::parse(&raw.end).map_err(within)?,
                at: template(raw.at.as_ref()).map_err(within)?,
                start: template(raw.start.as_ref()).map_err(within)?,
                lead: template(raw.lead.as_ref()).map_err(within)?,
                lead_percent: template(raw.lead_percent.as_ref()).map_err(within)?,
            },
            (Some(other), _) => {
                return Err(within(format!("no phase `{other}` (or it stands beside `renew`)")));
            }
        };
        let wish = match (self.any, self.first, self.can, self.part, self.acts_as) {
            (Some(list), None, None, None, None) => WishEntry::Any(aliases(&list).map_err(within)?),
            (None, Some(list), None, None, None) => WishEntry::First(aliases(&list).map_err(within)?),
            (None, None, Some(raw), None, None) => WishEntry::Can {
                who: aliases(&raw.who).map_err(within)?,
                action: Template::parse(&raw.action).map_err(within)?,
                scope: Template::parse(&raw.scope).map_err(within)?,
            },
            (None, None, None, Some(raw), None) => WishEntry::Part(
                AliasTemplate::parse(&raw.whole).map_err(within)?,
                Template::parse(&raw.name).map_err(within)?,
            ),
            (None, None, None, None, Some(alias)) => {
                WishEntry::ActsAs(AliasTemplate::parse(&alias).map_err(within)?)
            }
            _ => return Err(within("says not exactly one of any, first, can, part, acts-as".to_owned())),
        };
        Ok(NeedEntry {
            origin: origin.into(),
            kinds: globs(listed),
            each: paths(self.each.as_ref().map(OneOrMany::list).unwrap_or_default()).map_err(within)?,
            when: self.when.into_iter().map(RawWhen::compile).collect::<Result<_, _>>().map_err(within)?,
            label: Template::parse(&self.label).map_err(within)?,
            strength: self.strength.unwrap_or(Strength::Inferred),
            phase,
            wish,
            if_known: self.if_known,
        })
    }
}

/// `restorable`, `new-identity`, `lost`, `window(30d)`.
fn undo_class(text: &str) -> Result<UndoClass, String> {
    match text {
        "restorable" => Ok(UndoClass::Restorable),
        "new-identity" => Ok(UndoClass::NewIdentity),
        "lost" => Ok(UndoClass::Lost),
        other => other
            .strip_prefix("window(")
            .and_then(|rest| rest.strip_suffix("d)"))
            .and_then(|days| days.parse().ok())
            .map(UndoClass::Window)
            .ok_or(format!("no undo `{other}` (restorable, new-identity, lost, window(30d))")),
    }
}
