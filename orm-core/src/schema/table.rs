//! A table with all names, columns and constraints known.

use super::{ModelMeta, ReadKey, ReferentialAction, Relationship};
use crate::error::Result;
use crate::types::{ColumnType, Key, KeyParts, RowReader, decode_error};

/// A table, as it is created and as statements name it.
#[derive(Debug)]
pub struct Table {
    /// The model it belongs to.
    pub model: &'static ModelMeta,
    /// The schema, where one is said.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
    /// What it is called in statements that give it no alias: its name, behind that of its schema where
    /// one is said. Two tables of one name in different schemas are told apart by it.
    pub called: String,
    /// The columns, in the order of the model's fields.
    pub columns: Vec<Column>,
    /// Positions of the columns that a row of a SELECT of the entity has: all but deferred ones.
    pub read: Vec<usize>,
    /// Where the columns of each field begin in such a row; of a model that is an enum only.
    pub starts: Vec<usize>,
    /// Positions of the primary key's columns.
    pub primary_key: Vec<usize>,
    /// Position of the column that counts the changes of a row.
    pub version: Option<usize>,
    /// The primary key's constraint name.
    pub primary_key_name: String,
    /// The foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// The UNIQUE constraints.
    pub uniques: Vec<Unique>,
    /// The indexes, besides those of the constraints.
    pub indexes: Vec<Index>,
    /// The CHECK constraints.
    pub checks: Vec<Check>,
    /// The relationships that are written, in the order of the model's fields.
    pub relationships: Vec<Relationship>,
    /// Those that are read only.
    pub view_only: Vec<Relationship>,
    /// Contradictions in the model; told when it is registered.
    pub problems: Vec<String>,
}

/// A column.
// each is a word of its own
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Debug)]
pub struct Column {
    /// The name in the database.
    pub name: String,
    /// The type.
    pub ty: ColumnType,
    /// The most characters of a text.
    pub length: Option<u32>,
    /// Whether the field may be NULL; in the table NULL is also allowed where it is `of_variant`.
    pub nullable: bool,
    /// Whether it is NULL only together with others: a value of a struct embedded as an `Option`.
    pub together: bool,
    /// Whether the database makes the value where none is given, which then comes back: from
    /// `server_default`, or else from a counter.
    pub auto: bool,
    /// The type in SQL, where it is not what follows from `ty`.
    pub sql_type: Option<&'static str>,
    /// The value of a row that is given none, in SQL.
    pub server_default: Option<&'static str>,
    /// Whether it is a trigger that makes that value: nobody else can.
    pub triggered: bool,
    /// What the database computes the value from, in SQL; nobody else writes it.
    pub computed: Option<&'static str>,
    /// Whether every table has it, as `xmin` on PostgreSQL: it is read only.
    pub system: bool,
    /// What is said of it in the database.
    pub comment: Option<&'static str>,
    /// Which field of the model it belongs to.
    pub field: usize,
    /// Which part of the field it is: 0, except for references to composite keys.
    pub part: usize,
    /// Where it is among the columns that a SELECT of the entity reads; a deferred one is not there
    /// unless the statement asks for it.
    pub place: Option<usize>,
    /// Whether one variant of the model alone has it: in rows of the others it is NULL.
    pub of_variant: bool,
    /// Reads a value as a key.
    pub key: ReadKey,
}

/// A foreign key.
#[derive(Debug)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: String,
    /// The `Ref` that it comes from; none of one that the struct's `foreign_key(…)` declares.
    pub field: Option<usize>,
    /// Positions of its columns.
    pub columns: Vec<usize>,
    /// The model pointed to.
    pub target: &'static ModelMeta,
    /// The columns pointed to: of a `Ref` the target's primary key, else that or what is UNIQUE.
    pub target_columns: Vec<String>,
    /// Whether all its columns may be NULL.
    pub nullable: bool,
    /// On deletion of the row pointed to.
    pub on_delete: ReferentialAction,
    /// On change of the key pointed to.
    pub on_update: ReferentialAction,
}

/// A UNIQUE constraint.
#[derive(Debug)]
pub struct Unique {
    /// The constraint's name.
    pub name: String,
    /// Positions of its columns.
    pub columns: Vec<usize>,
    /// Whether it can be checked at the end of a transaction (`DEFERRABLE`).
    pub deferrable: bool,
}

/// An index.
#[derive(Debug)]
pub struct Index {
    /// The name.
    pub name: String,
    /// Positions of its columns.
    pub columns: Vec<usize>,
    /// Which of them are sorted falling.
    pub falling: Vec<bool>,
    /// Whether no two rows in it may be the same.
    pub unique: bool,
    /// The rows that are in it, as a condition in SQL; all where there is none.
    pub filter: Option<&'static str>,
    /// Positions of the columns that the condition names.
    pub filter_columns: Vec<usize>,
}

/// A CHECK constraint.
#[derive(Debug)]
pub struct Check {
    /// The constraint's name.
    pub name: String,
    /// The condition, in SQL.
    pub sql: String,
    /// The position of the column whose field declares it; `None` for one of the struct.
    pub column: Option<usize>,
}

impl Column {
    /// Whether it is read on demand only.
    pub fn is_deferred(&self) -> bool {
        self.place.is_none()
    }

    /// Whether a counter of the table gives the value where none is given.
    pub fn is_counted(&self) -> bool {
        self.auto && self.server_default.is_none()
    }
}

impl Table {
    /// The version, where it is a column that the database has in every table: each write of a row
    /// changes it, whoever writes.
    pub fn system_version(&self) -> Option<usize> {
        self.version.filter(|&index| self.columns[index].system)
    }

    /// Positions of the columns that the database computes.
    pub fn computed(&self) -> impl Iterator<Item = usize> + '_ {
        let columns = self.columns.iter().enumerate();
        columns.filter(|(_, column)| column.computed.is_some()).map(|(index, _)| index)
    }

    /// Whether some columns are read on demand only.
    pub fn has_deferred(&self) -> bool {
        self.read.len() < self.columns.len()
    }

    /// The column at `index`.
    pub fn column(&self, index: usize) -> &Column {
        &self.columns[index]
    }

    /// Positions of the columns of a field.
    pub fn columns_of(&self, field: usize) -> impl Iterator<Item = usize> + '_ {
        self.columns
            .iter()
            .enumerate()
            .filter(move |(_, column)| column.field == field)
            .map(|(index, _)| index)
    }

    /// The column of a field's part.
    pub fn column_of(&self, field: usize, part: usize) -> Option<&Column> {
        self.columns.iter().find(|column| column.field == field && column.part == part)
    }

    /// The foreign key that a `Ref` is.
    pub fn foreign_key_of(&self, field: usize) -> Option<&ForeignKey> {
        self.foreign_keys.iter().find(|key| key.field == Some(field))
    }

    /// All relationships: those that are written, then those that are read only.
    pub fn all_relationships(&self) -> impl Iterator<Item = &Relationship> {
        self.relationships.iter().chain(&self.view_only)
    }

    /// The relationship that a field is.
    pub fn relationship_of(&self, field: usize) -> Option<&Relationship> {
        self.all_relationships().find(|relationship| relationship.field == field)
    }

    /// Reads the primary key from a row whose next columns are those of a SELECT of the entity,
    /// taking none; `None` where one of the key's columns is NULL.
    pub fn read_key(&self, row: &RowReader<'_>) -> Result<Option<Key>> {
        let read = |index: usize| {
            let column = &self.columns[index];
            let Some(place) = column.place else { return Ok(None) };
            (column.key)(row.peek(place)).map_err(|why| decode_error(&column.name, &why))
        };
        if let [only] = self.primary_key[..] {
            // the common case, one column: no list of parts
            return read(only);
        }
        let mut parts = KeyParts::default();
        for &index in &self.primary_key {
            parts.add(read(index)?);
        }
        Ok(parts.finish())
    }

    /// `schema.table`, or the table's name alone; for messages, not quoted.
    pub fn full_name(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.clone(),
        }
    }

    /// The key column that a counter gives, where there is one.
    pub fn auto_key(&self) -> Option<usize> {
        self.primary_key.iter().copied().find(|&index| self.columns[index].is_counted())
    }
}
