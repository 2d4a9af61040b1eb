//! What the derive says of a model: constant data, nothing resolved.

use super::{Source, Table, TableMeta};
use crate::types::{Cell, ColumnType, Key, Mismatch};
use std::any::{Any, TypeId};
use std::fmt;
use std::sync::OnceLock;

/// A model, as its struct and attributes declare it.
pub struct ModelMeta {
    /// The struct's name, for messages.
    pub name: &'static str,
    /// The struct's name in snake case: what columns that point to it are called after.
    pub snake: &'static str,
    /// The table's name.
    pub table: &'static str,
    /// The schema the table is in, where it is said.
    pub schema: Option<&'static str>,
    /// The fields, in the order of the struct.
    pub fields: &'static [FieldMeta],
    /// What the struct's attributes say beside them.
    pub declared: TableMeta,
    /// The table that follows from it, once it is asked for.
    pub resolved: &'static OnceLock<Table>,
    /// Which Rust type it is; a type of no model for the link table of a many-to-many.
    pub type_id: fn() -> TypeId,
}

impl ModelMeta {
    /// The table that follows from the model, resolved at the first call.
    pub fn table(&'static self) -> &'static Table {
        self.resolved.get_or_init(|| Table::resolve(self))
    }

    /// Whether a field is a collection.
    pub fn has_collections(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.spec, FieldSpec::Collection { .. }))
    }

    /// The positions of the primary key's fields, in the key's order.
    pub fn key_fields(&self) -> impl Iterator<Item = usize> + '_ {
        let marked = self.fields.iter().enumerate();
        let marked = marked.filter(|(_, field)| field.primary_key).map(|(index, _)| index);
        let listed = self.declared.primary_key;
        listed.iter().copied().chain(marked.filter(|_| listed.is_empty()))
    }

    /// Whether it is of a view, whose rows are read and never written.
    pub fn is_read_only(&self) -> bool {
        self.declared.view.is_some()
    }

    /// Whether it is the link table of a many-to-many, which no struct is of.
    pub fn is_link(&self) -> bool {
        (self.type_id)() == TypeId::of::<super::Relationship>()
    }

    /// The position of the field called `name`.
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

impl PartialEq for ModelMeta {
    fn eq(&self, other: &ModelMeta) -> bool {
        // each is one static
        std::ptr::eq(self, other)
    }
}

impl Eq for ModelMeta {}

impl fmt::Debug for ModelMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)
    }
}

/// A field of a model.
// each is a word of its own
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Copy, Debug)]
pub struct FieldMeta {
    /// The field's name, without `r#`.
    pub name: &'static str,
    /// The column's name where it is not the field's.
    pub column: Option<&'static str>,
    /// What the columns' names begin with, of an embedded struct; the field's name and `_` where it
    /// is not said.
    pub prefix: Option<&'static str>,
    /// What the field's type makes of it.
    pub spec: FieldSpec,
    /// The number of the variant that has it alone, in a model that is an enum.
    pub variant: Option<u16>,
    /// Whether it is (part of) the primary key.
    pub primary_key: bool,
    /// Whether its columns are UNIQUE together.
    pub unique: bool,
    /// Whether that can be checked at the end of a transaction.
    pub deferrable: bool,
    /// Whether it has an index; foreign keys have one unless it is said otherwise.
    pub index: Option<bool>,
    /// The most characters of a text column.
    pub length: Option<u32>,
    /// The column's type, in SQL, where it is not what follows from the Rust type.
    pub sql_type: Option<&'static str>,
    /// The value of a row that is given none, in SQL.
    pub server_default: Option<&'static str>,
    /// Whether it is a trigger that makes that value.
    pub triggered: bool,
    /// What the database computes the value from, in SQL.
    pub computed: Option<&'static str>,
    /// A condition that values fulfil, in SQL.
    pub check: Option<&'static str>,
    /// What is said of the column in the database.
    pub comment: Option<&'static str>,
    /// What the database does to this row when the row pointed to is deleted.
    pub on_delete: ReferentialAction,
    /// What the database does to this row when the key pointed to changes.
    pub on_update_key: ReferentialAction,
    /// Whether a changed row gets a new value here (`on_update = …`).
    pub on_update: bool,
    /// Whether it counts the changes of its row: an UPDATE or DELETE of a flush finds the row by it too.
    pub version: bool,
    /// Whether it is a column that the database has in every table: nobody creates or writes it.
    pub system: bool,
    /// What is said of the relationship that the field is.
    pub relationship: RelationshipMeta,
}

/// What attributes say of a relationship.
#[derive(Clone, Copy, Debug)]
pub struct RelationshipMeta {
    /// The field of the other model that is the other side.
    pub back_populates: Option<&'static str>,
    /// The link table of a many-to-many.
    pub secondary: Option<&'static str>,
    /// What is done to the objects pointed to.
    pub cascade: Cascade,
    /// Whether their deletion with their owner is left to the database.
    pub passive_deletes: bool,
    /// Fields of the other model that a collection is sorted by, and whether falling.
    pub order_by: &'static [(&'static str, bool)],
    /// Whether it is read only: nothing is written through it.
    pub view_only: bool,
    /// A condition of its own on what it leads to.
    pub filter: Option<ConditionMeta>,
    /// The field of the other model that keeps the places in a collection.
    pub position: Option<&'static str>,
}

/// A condition on a mention of a model's table. What it makes is an expression of a statement, of which
/// nothing is known here.
#[derive(Clone, Copy, Debug)]
pub struct ConditionMeta(pub fn(Source) -> Box<dyn Any>);

impl RelationshipMeta {
    /// Nothing said.
    pub const NONE: RelationshipMeta = RelationshipMeta {
        back_populates: None,
        secondary: None,
        cascade: Cascade::NONE,
        passive_deletes: false,
        order_by: &[],
        view_only: false,
        filter: None,
        position: None,
    };
}

/// What is done to the objects of a collection with their owner.
// each is a word of its own
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cascade {
    /// They are deleted with it.
    pub delete: bool,
    /// They are deleted when they are taken out of it.
    pub delete_orphan: bool,
    /// They are merged with it.
    pub merge: bool,
    /// They are refreshed and expired with it.
    pub refresh: bool,
    /// They leave the session with it.
    pub expunge: bool,
}

impl Cascade {
    /// Nothing is done to them.
    pub const NONE: Cascade = Cascade {
        delete: false,
        delete_orphan: false,
        merge: false,
        refresh: false,
        expunge: false,
    };
}

impl FieldMeta {
    /// A field of which no attribute says anything.
    pub const fn of(name: &'static str, spec: FieldSpec) -> FieldMeta {
        FieldMeta {
            name,
            column: None,
            prefix: None,
            spec,
            variant: None,
            primary_key: false,
            unique: false,
            deferrable: false,
            index: None,
            length: None,
            sql_type: None,
            server_default: None,
            triggered: false,
            computed: None,
            check: None,
            comment: None,
            on_delete: ReferentialAction::NoAction,
            on_update_key: ReferentialAction::NoAction,
            on_update: false,
            version: false,
            system: false,
            relationship: RelationshipMeta::NONE,
        }
    }
}

/// What a field is, as its type says.
#[derive(Clone, Copy)]
pub enum FieldSpec {
    /// One column.
    Column {
        /// The column's type.
        ty: ColumnType,
        /// `Option`: the column may be NULL.
        nullable: bool,
        /// `Auto`: the database makes the value.
        auto: bool,
        /// Reads a value of the type as a key.
        key: ReadKey,
    },
    /// The columns of a foreign key.
    Reference {
        /// The model pointed to.
        target: Target,
        /// `Option`: the columns may be NULL.
        nullable: bool,
    },
    /// The columns of a struct, as its fields say.
    Embedded {
        /// The struct's fields.
        fields: &'static [FieldMeta],
        /// `Option`: all columns may be NULL.
        nullable: bool,
    },
    /// No column: objects of another model.
    Collection {
        /// The other model.
        target: Target,
        /// `One`: one at most.
        one: bool,
    },
}

/// The model that a field points to: known, or asked for when it is needed.
#[derive(Clone, Copy)]
pub enum Target {
    /// What the derive writes.
    Later(fn() -> &'static ModelMeta),
    /// Of a link table, which is made when the program runs.
    Known(&'static ModelMeta),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.model().name)
    }
}

impl Target {
    /// The model.
    pub fn model(self) -> &'static ModelMeta {
        match self {
            Target::Later(model) => model(),
            Target::Known(model) => model,
        }
    }
}

/// Reads a cell as a key of a column's type; `None` for types that can't be keys.
pub type ReadKey = fn(Cell<'_>) -> Result<Option<Key>, Mismatch>;

impl fmt::Debug for FieldSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldSpec::Column { ty, nullable, auto, .. } => {
                write!(f, "Column({ty:?}, nullable: {nullable}, auto: {auto})")
            }
            FieldSpec::Reference { target, nullable } => {
                write!(f, "Reference({}, nullable: {nullable})", target.model().name)
            }
            FieldSpec::Embedded { fields, nullable } => {
                write!(f, "Embedded({fields:?}, nullable: {nullable})")
            }
            FieldSpec::Collection { target, one } => {
                write!(f, "Collection({}, one: {one})", target.model().name)
            }
        }
    }
}

/// What a foreign key does when the row it points to goes or changes its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReferentialAction {
    /// Refuse, checked when the statement or the transaction ends. The default.
    #[default]
    NoAction,
    /// Refuse at once.
    Restrict,
    /// Delete the row, or change its key, too.
    Cascade,
    /// Set the columns NULL.
    SetNull,
    /// Set the columns to their defaults.
    SetDefault,
}

impl ReferentialAction {
    /// The SQL words.
    pub fn sql(self) -> &'static str {
        match self {
            ReferentialAction::NoAction => "NO ACTION",
            ReferentialAction::Restrict => "RESTRICT",
            ReferentialAction::Cascade => "CASCADE",
            ReferentialAction::SetNull => "SET NULL",
            ReferentialAction::SetDefault => "SET DEFAULT",
        }
    }
}
