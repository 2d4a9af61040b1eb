//! What the derive says of a model: constant data, nothing resolved.

use super::Table;
use crate::types::ColumnType;
use std::any::TypeId;
use std::fmt;

/// A model, as its struct and attributes declare it.
pub struct ModelMeta {
    /// The struct's name, for messages.
    pub name: &'static str,
    /// The table's name.
    pub table: &'static str,
    /// The schema the table is in, where it is said.
    pub schema: Option<&'static str>,
    /// The fields, in the order of the struct.
    pub fields: &'static [FieldMeta],
    /// The table that follows from it, resolved at the first call.
    pub resolved: fn() -> &'static Table,
    /// Which Rust type it is.
    pub type_id: fn() -> TypeId,
}

impl ModelMeta {
    /// The table that follows from the model.
    pub fn table(&self) -> &'static Table {
        (self.resolved)()
    }

    /// The position of the field called `name`.
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

impl PartialEq for ModelMeta {
    fn eq(&self, other: &ModelMeta) -> bool {
        (self.type_id)() == (other.type_id)()
    }
}

impl Eq for ModelMeta {}

impl fmt::Debug for ModelMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)
    }
}

/// A field of a model.
#[derive(Debug)]
pub struct FieldMeta {
    /// The field's name, without `r#`.
    pub name: &'static str,
    /// The column's name where it is not the field's.
    pub column: Option<&'static str>,
    /// What the field's type makes of it.
    pub spec: FieldSpec,
    /// Whether it is (part of) the primary key.
    pub primary_key: bool,
    /// Whether its columns are UNIQUE together.
    pub unique: bool,
    /// Whether it has an index; foreign keys have one unless it is said otherwise.
    pub index: Option<bool>,
    /// The most characters of a text column.
    pub length: Option<u32>,
    /// What the database does to this row when the row pointed to is deleted.
    pub on_delete: ReferentialAction,
    /// What the database does to this row when the key pointed to changes.
    pub on_update_key: ReferentialAction,
    /// Whether a changed row gets a new value here (`on_update = …`).
    pub on_update: bool,
}

impl FieldMeta {
    /// A field of which no attribute says anything.
    pub const fn of(name: &'static str, spec: FieldSpec) -> FieldMeta {
        FieldMeta {
            name,
            column: None,
            spec,
            primary_key: false,
            unique: false,
            index: None,
            length: None,
            on_delete: ReferentialAction::NoAction,
            on_update_key: ReferentialAction::NoAction,
            on_update: false,
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
    },
    /// The columns of a foreign key.
    Reference {
        /// The model pointed to.
        target: fn() -> &'static ModelMeta,
        /// `Option`: the columns may be NULL.
        nullable: bool,
    },
}

impl fmt::Debug for FieldSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldSpec::Column { ty, nullable, auto } => {
                write!(f, "Column({ty:?}, nullable: {nullable}, auto: {auto})")
            }
            FieldSpec::Reference { target, nullable } => {
                write!(f, "Reference({}, nullable: {nullable})", target().name)
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
