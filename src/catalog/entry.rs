//! The form of catalog and pack files, and the same compiled.
//!
//! Both kinds of file share one grammar: `[[type]]` says what objects of a kind are, `[[need]]` what they need. The
//! grammar is documented for users in `docs/catalog.md`.

use super::path::{AliasTemplate, Path, Template};
use crate::model::{Class, Glob, Kind, Strength, UndoClass, UndoCost};
use serde::Deserialize;

/// One string or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    fn list(&self) -> &[String] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

/// A file of the catalog, as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawFile {
    #[serde(default)]
    shape: Vec<Shape>,
    #[serde(default, rename = "type")]
    types: Vec<RawEntry>,
    #[serde(default, rename = "need")]
    needs: Vec<RawNeed>,
    #[serde(default)]
    criticality: Vec<String>,
    #[serde(default)]
    container: Vec<RawContainer>,
}

/// A name that tells what the thing lies in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawContainer {
    space: String,
    inside: String,
    label: String,
}

/// How a provider spells objects of another system: blocks that are lists of one, names in snake case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shape {
    /// Its name.
    pub name: String,
    /// Lists of one that stand for the one.
    pub unwrap: Vec<String>,
    /// Keys whose spelling differs by more than case.
    pub rename: std::collections::BTreeMap<String, String>,
    /// Maps whose keys are people's, not the schema's.
    pub verbatim: Vec<String>,
    /// The object lies under this key already in its own spelling.
    #[serde(default)]
    pub inner: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawEntry {
    kind: Option<OneOrMany>,
    #[serde(rename = "as")]
    alias_of: Option<String>,
    shape: Option<String>,
    class: Option<Class>,
    each: Option<String>,
    #[serde(default)]
    when: Vec<RawWhen>,
    name: Option<OneOrMany>,
    #[serde(default)]
    unique: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    grant: Option<RawGrant>,
    role: Option<RawRole>,
    membership: Option<RawPair>,
    trust: Option<RawPair>,
    acts_as: Option<RawPair>,
    also_named: Option<RawPair>,
    deny: Option<RawDeny>,
    undo: Option<String>,
    undo_note: Option<String>,
    #[serde(default)]
    users_listed_by: Vec<String>,
    listed_by: Option<String>,
    #[serde(default)]
    refuses_duplicates: bool,
    #[serde(default)]
    scan: bool,
    #[serde(default)]
    keeps: Vec<String>,
    #[serde(default)]
    outlives: bool,
    part_of: Option<String>,
    serves: Option<RawServes>,
    #[serde(default)]
    carries: Vec<RawEntry>,
    #[serde(default, rename = "need")]
    needs: Vec<RawNeed>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawWhen {
    path: String,
    equals: Option<String>,
    not: Option<String>,
    matches: Option<String>,
    #[serde(default)]
    missing: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawGrant {
    cloud: String,
    principal: String,
    principal_type: Option<String>,
    role_id: Option<String>,
    role_name: Option<String>,
    scope: String,
    condition: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawRole {
    cloud: String,
    id: Option<OneOrMany>,
    name: Option<String>,
    permissions: String,
    actions: String,
    not_actions: String,
    data_actions: String,
    not_data_actions: String,
    condition: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPair {
    from: String,
    to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawDeny {
    principals: String,
    space: String,
    everyone: Vec<String>,
    except: String,
    scope: String,
    this_scope_only: String,
    condition: Option<String>,
    role: RawRole,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawServes {
    #[serde(default)]
    exactly: Vec<String>,
    #[serde(default)]
    below: Vec<String>,
    #[serde(default)]
    likely_below: Vec<String>,
    undecidable: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawNeed {
    of: Option<OneOrMany>,
    each: Option<String>,
    #[serde(default)]
    when: Vec<RawWhen>,
    label: String,
    strength: Option<Strength>,
    phase: Option<String>,
    renew: Option<RawRenew>,
    any: Option<Vec<String>>,
    first: Option<Vec<String>>,
    can: Option<RawCan>,
    part: Option<RawPart>,
    acts_as: Option<String>,
    #[serde(default)]
    if_known: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawRenew {
    end: String,
    at: Option<String>,
    start: Option<String>,
    lead: Option<String>,
    lead_percent: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCan {
    who: Vec<String>,
    action: String,
    scope: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPart {
    whole: String,
    name: String,
}

/// An entry, compiled.
#[derive(Debug)]
pub struct Entry {
    /// Which kinds of objects; several globs.
    pub kinds: Vec<Glob>,
    /// The kind whose entries apply instead, and the shape to bring the object into first.
    pub alias_of: Option<(Kind, Option<Shape>)>,
    /// What sort of thing.
    pub class: Class,
    /// One fact per item.
    pub each: Option<Path>,
    /// Only if.
    pub when: Vec<When>,
    /// The first that fills.
    pub name: Vec<Template>,
    /// See [`crate::model::Fact::unique`].
    pub unique: Vec<AliasTemplate>,
    /// See [`crate::model::Fact::names`].
    pub names: Vec<AliasTemplate>,
    /// What it says.
    pub content: ContentEntry,
    /// What deleting it costs.
    pub undo: Option<UndoCost>,
    /// Which listings show its users.
    pub users_listed_by: Vec<crate::model::Listing>,
    /// Which listing shows the thing itself.
    pub listed_by: Option<crate::model::Listing>,
    /// The cloud itself refuses two equal ones, so content is identity.
    pub refuses_duplicates: bool,
    /// Look through all values for identities of other things.
    pub scan: bool,
    /// Computed attributes that an update in place keeps, though a provider may mark them as known after apply.
    pub keeps: Vec<Path>,
    /// The thing outlives the object that tells of it: what the object did for it is a need of its own.
    pub outlives: bool,
    /// See [`crate::model::Fact::part_of`].
    pub part_of: Option<AliasTemplate>,
    /// See [`crate::model::Serves`].
    pub serves: ServesEntry,
    /// Facts that the object carries besides.
    pub carries: Vec<Entry>,
    /// What it needs.
    pub needs: Vec<NeedEntry>,
}

impl Entry {
    /// Who uses what an object carries is listed where users of the object are, unless its entry says otherwise.
    fn with_users(mut self, listed_by: &[crate::model::Listing]) -> Entry {
        if self.users_listed_by.is_empty() {
            self.users_listed_by = listed_by.to_vec();
        }
        self
    }
}

/// A condition on an object.
#[derive(Debug)]
pub struct When {
    /// The value looked at.
    pub path: Path,
    /// What must be so.
    pub test: Test,
}

/// What must be so of a value.
#[derive(Debug)]
pub enum Test {
    /// It is there and equal.
    Equals(String),
    /// It is missing or different.
    Not(String),
    /// It is there and this regular expression matches all of it.
    Matches(regex::Regex),
    /// It is not there.
    Missing,
    /// It is there.
    There,
}

/// [`crate::model::Content`], as templates.
#[derive(Debug)]
pub enum ContentEntry {
    /// Nothing beyond existing.
    Thing,
    /// A grant.
    Grant {
        /// Whose rules.
        cloud: String,
        /// To whom.
        principal: AliasTemplate,
        /// What sort of principal.
        principal_type: Option<Template>,
        /// Role by id.
        role_id: Option<Template>,
        /// Role by name.
        role_name: Option<Template>,
        /// On what.
        scope: Template,
        /// Under which condition.
        condition: Option<Template>,
    },
    /// A role definition.
    Role(RoleEntry),
    /// Group, member.
    Membership(AliasTemplate, AliasTemplate),
    /// Subject, identity.
    Trust(AliasTemplate, AliasTemplate),
    /// Actor, identity.
    ActsAs(AliasTemplate, AliasTemplate),
    /// Further name, thing.
    Name(AliasTemplate, AliasTemplate),
    /// A deny.
    Deny {
        /// The denied: paths to ids.
        principals: Path,
        /// Their space of names.
        space: String,
        /// Ids that stand for everyone.
        everyone: Vec<String>,
        /// The excepted.
        except: Path,
        /// On what.
        scope: Template,
        /// Whether it stops there.
        this_scope_only: Path,
        /// Under which condition.
        condition: Option<Template>,
        /// What is denied.
        role: Box<RoleEntry>,
    },
}

/// Where a role's permissions stand.
#[derive(Debug)]
pub struct RoleEntry {
    /// Whose rules.
    pub cloud: String,
    /// Its id: the first that fills.
    pub id: Vec<Template>,
    /// Its name.
    pub name: Option<Template>,
    /// The blocks.
    pub permissions: Path,
    /// Keys within a block: actions, not actions, data actions, not data actions, condition.
    pub keys: [String; 5],
}

/// [`crate::model::Serves`], as paths.
#[derive(Debug, Default)]
pub struct ServesEntry {
    /// Exact names.
    pub exactly: Vec<Path>,
    /// Zones.
    pub below: Vec<Path>,
    /// Zones, by way of a hint.
    pub likely_below: Vec<Path>,
    /// What makes it undecidable when it is there.
    pub undecidable: Option<(Path, String)>,
}

/// A need, compiled.
#[derive(Debug)]
pub struct NeedEntry {
    /// `file#label`, for evidence.
    pub origin: String,
    /// Which kinds.
    pub kinds: Vec<Glob>,
    /// One need per item.
    pub each: Option<Path>,
    /// Only if.
    pub when: Vec<When>,
    /// What is needed.
    pub label: Template,
    /// How it is known.
    pub strength: Strength,
    /// When it is exercised.
    pub phase: PhaseEntry,
    /// What can meet it.
    pub wish: WishEntry,
    /// Leave it out when nothing that could meet it is known.
    pub if_known: bool,
}

/// [`crate::model::Phase`], as templates.
#[derive(Debug)]
pub enum PhaseEntry {
    /// All the time.
    Always,
    /// At start.
    Start,
    /// While running.
    Run,
    /// At renewal.
    Renew {
        /// End of validity.
        end: Template,
        /// When renewal is due.
        at: Option<Template>,
        /// Begin of validity, to compute the due time from.
        start: Option<Template>,
        /// How long before the end renewal is due (a Go duration).
        lead: Option<Template>,
        /// The same in percent of the lifetime.
        lead_percent: Option<Template>,
    },
}

/// [`crate::model::Wish`], as templates.
#[derive(Debug)]
pub enum WishEntry {
    /// Any of these.
    Any(Vec<AliasTemplate>),
    /// The first known of these.
    First(Vec<AliasTemplate>),
    /// The part that serves a name.
    Part(AliasTemplate, Template),
    /// A capability.
    Can {
        /// Who.
        who: Vec<AliasTemplate>,
        /// What.
        action: Template,
        /// Where.
        scope: Template,
    },
    /// Whatever it acts as.
    ActsAs(AliasTemplate),
}

/// A file, compiled.
#[derive(Debug)]
pub struct Compiled {
    /// Types.
    pub types: Vec<Entry>,
    /// Needs of types.
    pub needs: Vec<NeedEntry>,
    /// Where labels and tags say how much a thing matters.
    pub criticality: Vec<Path>,
    /// Names that tell what a thing lies in.
    pub containers: Vec<Container>,
}

/// A name that tells what the thing lies in: the first group of the expression is the container's name.
#[derive(Debug)]
pub struct Container {
    /// The space of names of both.
    pub space: String,
    /// A regular expression over the name.
    pub inside: regex::Regex,
    /// What the container is called as a need.
    pub label: String,
}

impl RawFile {
    /// Compiles a file; `shapes` are those of files read before, to which this one's are added.
    ///
    /// # Errors
    /// A sentence that names the entry.
    pub fn compile(self, origin: &str, shapes: &mut Vec<Shape>) -> Result<Compiled, String> {
        shapes.extend(self.shape);
        let types =
            self.types.into_iter().map(|raw| raw.compile(origin, shapes, true)).collect::<Result<_, _>>()?;
        let needs = self.needs.into_iter().map(|raw| raw.compile(origin, true)).collect::<Result<_, _>>()?;
        let containers = self
            .container
            .into_iter()
            .map(|raw| {
                let inside = regex::Regex::new(&raw.inside).map_err(|error| no_regex(&raw.inside, &error))?;
                Ok(Container { space: raw.space, inside, label: raw.label })
            })
            .collect::<Result<_, String>>()?;
        Ok(Compiled { types, needs, criticality: paths(&self.criticality)?, containers })
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
        let content = compile_content(
            self.grant,
            self.role,
            self.deny,
            [self.membership, self.trust, self.acts_as, self.also_named],
        )
        .map_err(within)?;
        let origin_here = if title.is_empty() { origin.to_owned() } else { format!("{origin}#{title}") };
        let users_listed_by: Vec<crate::model::Listing> =
            self.users_listed_by.iter().map(|name| name.as_str().into()).collect();
        Ok(Entry {
            kinds: globs(listed),
            alias_of,
            class: self.class.unwrap_or(Class::Other),
            each: self.each.as_deref().map(Path::parse).transpose().map_err(within)?,
            when: self.when.into_iter().map(RawWhen::compile).collect::<Result<_, _>>().map_err(within)?,
            name: templates(self.name.as_ref().map(OneOrMany::list).unwrap_or_default()).map_err(within)?,
            unique: aliases(&self.unique).map_err(within)?,
            names: aliases(&self.names).map_err(within)?,
            content,
            undo: match self.undo {
                Some(text) => {
                    Some(UndoCost { undo: undo_class(&text).map_err(within)?, note: self.undo_note })
                }
                None => None,
            },
            refuses_duplicates: self.refuses_duplicates,
            scan: self.scan,
            outlives: self.outlives,
            keeps: paths(&self.keeps).map_err(within)?,
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

fn compile_content(
    grant: Option<RawGrant>,
    role: Option<RawRole>,
    deny: Option<RawDeny>,
    pairs: [Option<RawPair>; 4],
) -> Result<ContentEntry, String> {
    let contents = [grant.is_some(), role.is_some(), deny.is_some()];
    let said = contents.iter().filter(|there| **there).count() + pairs.iter().flatten().count();
    if said > 1 {
        return Err(
            "says more than one thing (grant, role, membership, trust, acts-as, also-named, deny)".to_owned()
        );
    }
    if let Some(raw) = grant {
        return Ok(ContentEntry::Grant {
            cloud: raw.cloud,
            principal: AliasTemplate::parse(&raw.principal)?,
            principal_type: template(raw.principal_type.as_ref())?,
            role_id: template(raw.role_id.as_ref())?,
            role_name: template(raw.role_name.as_ref())?,
            scope: Template::parse(&raw.scope)?,
            condition: template(raw.condition.as_ref())?,
        });
    }
    if let Some(raw) = role {
        return raw.compile().map(ContentEntry::Role);
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
    let [membership, trust, acts_as, also_named] = pairs;
    let pair =
        |raw: RawPair| Ok::<_, String>((AliasTemplate::parse(&raw.from)?, AliasTemplate::parse(&raw.to)?));
    Ok(match (membership, trust, acts_as, also_named) {
        (Some(raw), ..) => pair(raw).map(|(from, to)| ContentEntry::Membership(from, to))?,
        (_, Some(raw), ..) => pair(raw).map(|(from, to)| ContentEntry::Trust(from, to))?,
        (_, _, Some(raw), _) => pair(raw).map(|(from, to)| ContentEntry::ActsAs(from, to))?,
        (.., Some(raw)) => pair(raw).map(|(from, to)| ContentEntry::Name(from, to))?,
        _ => ContentEntry::Thing,
    })
}

impl RawRole {
    fn compile(self) -> Result<RoleEntry, String> {
        Ok(RoleEntry {
            cloud: self.cloud,
            id: templates(self.id.as_ref().map(OneOrMany::list).unwrap_or_default())?,
            name: template(self.name.as_ref())?,
            permissions: Path::parse(&self.permissions)?,
            keys: [
                self.actions,
                self.not_actions,
                self.data_actions,
                self.not_data_actions,
                self.condition.unwrap_or_else(|| "condition".to_owned()),
            ],
        })
    }
}

impl RawWhen {
    fn compile(self) -> Result<When, String> {
        let test = match (self.equals, self.not, self.matches, self.missing) {
            (Some(value), None, None, false) => Test::Equals(value),
            (None, Some(value), None, false) => Test::Not(value),
            (None, None, Some(pattern), false) => Test::Matches(
                regex::RegexBuilder::new(&format!("^(?:{pattern})$"))
                    .case_insensitive(true)
                    .build()
                    .map_err(|error| no_regex(&pattern, &error))?,
            ),
            (None, None, None, true) => Test::Missing,
            (None, None, None, false) => Test::There,
            _ => return Err(format!("condition on `{}` says more than one thing", self.path)),
        };
        Ok(When { path: Path::parse(&self.path)?, test })
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
            origin: origin.to_owned(),
            kinds: globs(listed),
            each: self.each.as_deref().map(Path::parse).transpose().map_err(within)?,
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
