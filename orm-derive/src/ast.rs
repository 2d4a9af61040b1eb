//! The macro's own model of a struct: what the attributes and the types say, with the places where
//! they say it. Made by `parse`, judged by `check`, read by `expand`.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::{Attribute, Ident, Path, Type, Visibility};

/// A struct that is to be a model.
pub struct Model {
    pub ident: Ident,
    pub vis: Visibility,
    pub fields: Vec<Field>,
    /// `crate = "…"`; `::orm` where it is not said.
    pub root: Option<Said<Path>>,
    /// `table = "…"`.
    pub table: Option<Said<String>>,
    /// `view = "…"`, instead of a table.
    pub view: Option<Said<String>>,
    /// `query = "SELECT …"`, of a view.
    pub query: Option<Said<String>>,
    /// `schema = "…"`.
    pub schema: Option<Said<String>>,
    /// What else is said of the table.
    pub said: TableAttributes,
    /// `serde`.
    pub serde: Option<Said<()>>,
    /// `constructor(a, b)`.
    pub arguments: Option<Said<Vec<Ident>>>,
    /// `constructor = "with"`, `constructor = none`.
    pub constructor: Option<Said<Constructor>>,
    /// `discriminator = "kind"` of an enum; the field is the first one.
    pub discriminator: Option<Said<Ident>>,
    /// `shared(…)` of an enum; the fields stand behind the discriminator.
    pub shared: Option<Said<Vec<syn::Field>>>,
    /// The variants of an enum.
    pub variants: Vec<Variant>,
    /// `variant_of = Payment` of a struct.
    pub variant_of: Option<Said<Type>>,
}

/// A variant of an enum that is a model.
pub struct Variant {
    pub ident: Ident,
    /// The entity's field for it: the name in snake case.
    pub field: Ident,
    pub docs: Vec<Attribute>,
    /// The struct.
    pub ty: Type,
    /// `value = "…"`, or the name in snake case.
    pub value: String,
}

/// What attributes of the struct say of the table, beside its name.
#[derive(Default)]
pub struct TableAttributes {
    /// `primary_key(a, b)`.
    pub primary_key: Option<Said<Vec<Ident>>>,
    pub uniques: Vec<Unique>,
    pub indexes: Vec<Index>,
    pub checks: Vec<Check>,
    pub foreign_keys: Vec<ForeignKey>,
    /// `comment = "…"`.
    pub comment: Option<Said<String>>,
}

/// `unique(a, b, name = "…")`.
pub struct Unique {
    pub at: Span,
    pub fields: Vec<Ident>,
    pub name: Option<String>,
    pub deferrable: bool,
}

/// `index(a, b.desc(), name = "…", unique, where = "…")`.
pub struct Index {
    pub at: Span,
    pub fields: Vec<Order>,
    pub name: Option<String>,
    pub unique: bool,
    pub filter: Option<String>,
}

/// `check("…", name = "…")`.
pub struct Check {
    pub at: Span,
    pub sql: String,
    pub name: String,
}

/// `foreign_key(a, b => Other(x, y), on_delete = …)`.
pub struct ForeignKey {
    pub at: Span,
    pub fields: Vec<Ident>,
    pub target: Path,
    pub target_fields: Vec<Ident>,
    /// The word, and what it means.
    pub on_delete: Option<(Ident, Action)>,
    pub on_update: Option<(Ident, Action)>,
    pub name: Option<String>,
}

/// Something said by an attribute, and where its name stands.
pub struct Said<T> {
    pub at: Span,
    pub value: T,
}

/// What `constructor = …` says.
pub enum Constructor {
    Named(Ident),
    None,
}

/// A field of the struct.
pub struct Field {
    pub ident: Ident,
    /// The name without `r#`.
    pub name: String,
    pub vis: Visibility,
    pub docs: Vec<Attribute>,
    pub ty: Type,
    pub kind: Kind,
    pub attributes: Attributes,
}

/// What the type of a field looks like. Types are read by the last name of their path, which is a
/// hint; assertions in the emitted code hold it to the truth.
pub enum Kind {
    /// Any other type: a column that is NOT NULL.
    Plain,
    /// `Option<T>`: a column that can be NULL.
    Nullable,
    /// `Auto<T>`, with `T`.
    Auto(Type),
    /// `Ref<T>` or `Option<Ref<T>>`, with `T`.
    Reference { target: Type, nullable: bool },
    /// `T` or `Option<T>` with `embed`: the columns of the struct `T`.
    Embedded { target: Type, nullable: bool },
    /// `Many<T>`, or `One<T>`, with `T`: no column.
    Collection { target: Type, one: bool },
}

/// What `#[orm(…)]` on a field says.
#[derive(Default)]
pub struct Attributes {
    pub primary_key: Option<Said<()>>,
    /// `unique`, or `unique(deferrable)`: whether it is.
    pub unique: Option<Said<bool>>,
    pub index: Option<Said<bool>>,
    pub length: Option<Said<u32>>,
    /// `server_default = "…"`, an expression in SQL.
    pub server_default: Option<Said<String>>,
    /// `server_default = trigger`: `server_default` is then said too, of a value that is none.
    pub trigger: Option<Said<()>>,
    /// `sql_type = "numeric(10, 2)"`.
    pub sql_type: Option<Said<String>>,
    /// `computed = "…"`, an expression in SQL.
    pub computed: Option<Said<String>>,
    /// `comment = "…"`.
    pub comment: Option<Said<String>>,
    /// `check = "…"`, a condition in SQL.
    pub check: Option<Said<String>>,
    pub column: Option<Said<String>>,
    /// `embed`.
    pub embed: Option<Said<()>>,
    /// `prefix = "…"` of an embedded struct.
    pub prefix: Option<Said<String>>,
    pub default: Option<Said<Fill>>,
    /// `on_update` of a column.
    pub on_update: Option<Said<Fill>>,
    /// `version`, or `version = xmin`.
    pub version: Option<Said<Version>>,
    pub on_delete: Option<Said<Action>>,
    /// `on_update` of a `Ref`.
    pub on_update_key: Option<Said<Action>>,
    /// `back_populates = author`.
    pub back_populates: Option<Said<Ident>>,
    /// `secondary = "article_tags"`.
    pub secondary: Option<Said<String>>,
    /// `cascade(all, delete_orphan)`.
    pub cascade: Option<Said<Cascade>>,
    /// `passive_deletes`.
    pub passive_deletes: Option<Said<()>>,
    /// `order_by(title, created_on.desc())`.
    pub order_by: Option<Said<Vec<Order>>>,
    /// `view_only`.
    pub view_only: Option<Said<()>>,
    /// `filter = |article| article.views.ge(100)`.
    pub filter: Option<Said<TokenStream>>,
    /// `position = place`.
    pub position: Option<Said<Ident>>,
}

/// Who keeps the version of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The flush, in a column of its own.
    Written,
    /// The database, in the column `xmin` that every table of PostgreSQL has.
    System,
}

/// What is done to the objects of a collection with their owner.
// each is a word of its own
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Copy, Default)]
pub struct Cascade {
    pub delete: bool,
    pub delete_orphan: bool,
    pub merge: bool,
    pub refresh: bool,
    pub expunge: bool,
}

/// A field of the other model that a collection is sorted by.
pub struct Order {
    pub field: Ident,
    pub falling: bool,
}

/// What a field is filled with.
pub enum Fill {
    /// `now`.
    Now,
    /// An expression.
    Value(TokenStream),
}

impl Fill {
    /// Whether it is the current moment.
    pub fn is_now(&self) -> bool {
        matches!(self, Fill::Now)
    }
}

/// What a foreign key does when the row it points to goes or changes its key.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(clippy::enum_variant_names)] // `NoAction` is SQL's word
pub enum Action {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl Action {
    /// The words of the attributes.
    pub const WORDS: [(&str, Action); 5] = [
        ("cascade", Action::Cascade),
        ("restrict", Action::Restrict),
        ("set_null", Action::SetNull),
        ("set_default", Action::SetDefault),
        ("no_action", Action::NoAction),
    ];

    /// The action that a word names.
    pub fn of(word: &str) -> Option<Action> {
        Action::WORDS.iter().find(|(known, _)| *known == word).map(|&(_, action)| action)
    }
}

impl Model {
    /// The field called `name`, without `r#`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether it says `serde`, and the library can.
    pub fn is_serial(&self) -> bool {
        cfg!(feature = "serde") && self.serde.is_some()
    }

    /// The fields of the primary key, in the order of `primary_key(…)`, else of the struct.
    pub fn key(&self) -> impl Iterator<Item = &Field> {
        let listed = self.said.primary_key.as_ref().map(|said| &said.value[..]);
        let named = listed.unwrap_or_default().iter();
        let named = named.filter_map(|name| self.field(&name.unraw().to_string()));
        let marked = self
            .fields
            .iter()
            .filter(move |field| listed.is_none() && field.attributes.primary_key.is_some());
        named.chain(marked)
    }

    /// The position of the field that an identifier names.
    pub fn position(&self, name: &Ident) -> Option<usize> {
        let name = name.unraw().to_string();
        self.fields.iter().position(|field| field.name == name)
    }
}

impl Field {
    /// Whether it is a foreign key.
    pub fn is_reference(&self) -> bool {
        matches!(self.kind, Kind::Reference { .. })
    }

    /// Whether it is a `Many` or a `One`, which has no column.
    pub fn is_collection(&self) -> bool {
        matches!(self.kind, Kind::Collection { .. })
    }

    /// Whether it is a struct whose fields are columns.
    pub fn is_embedded(&self) -> bool {
        matches!(self.kind, Kind::Embedded { .. })
    }

    /// Whether it is a relationship: a foreign key, or the other side of one.
    pub fn is_relationship(&self) -> bool {
        self.is_reference() || self.is_collection()
    }

    /// Whether it is a version that the flush writes.
    pub fn is_written_version(&self) -> bool {
        self.attributes.version.as_ref().is_some_and(|said| said.value == Version::Written)
    }

    /// Whether it can be NULL.
    pub fn is_nullable(&self) -> bool {
        matches!(
            self.kind,
            Kind::Nullable
                | Kind::Reference { nullable: true, .. }
                | Kind::Embedded { nullable: true, .. }
        )
    }

    /// Whether `new` has to be given a value for it.
    pub fn is_required(&self) -> bool {
        match self.kind {
            Kind::Plain => self.attributes.default.is_none() && self.attributes.version.is_none(),
            Kind::Embedded { nullable, .. } => !nullable && self.attributes.default.is_none(),
            Kind::Reference { nullable, .. } => !nullable,
            Kind::Nullable | Kind::Auto(_) | Kind::Collection { .. } => false,
        }
    }

    /// The name of its column, as far as it is known here: that of a `Ref` is named after a key, those
    /// of an embedded struct after its fields.
    pub fn column(&self) -> Option<&str> {
        if self.is_collection() || self.is_embedded() {
            return None;
        }
        match (&self.attributes.column, self.is_reference()) {
            (Some(said), _) => Some(&said.value),
            (None, false) => Some(&self.name),
            (None, true) => None,
        }
    }
}
