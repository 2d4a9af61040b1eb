//! What attributes of the struct say of its table, beside what they say of single fields.
//!
//! Own fields are named by position, fields of another model by name: they are looked up when the
//! table is resolved.

use super::{ReferentialAction, Target, VariantMeta};

/// What attributes of the struct say of its table.
#[derive(Clone, Copy, Debug)]
pub struct TableMeta {
    /// `primary_key(a, b)`: the key's fields in this order; empty where the fields say it.
    pub primary_key: &'static [usize],
    /// `unique(a, b)`.
    pub uniques: &'static [UniqueMeta],
    /// `index(a, b.desc())`.
    pub indexes: &'static [IndexMeta],
    /// `check("…", name = "…")`.
    pub checks: &'static [CheckMeta],
    /// `foreign_key(a, b => Other(x, y))`.
    pub foreign_keys: &'static [ForeignKeyMeta],
    /// `comment = "…"`.
    pub comment: Option<&'static str>,
    /// `view = "…"`: rows are read, never written.
    pub view: Option<ViewMeta>,
    /// The variants of an enum, whose first field is the discriminator.
    pub variants: &'static [VariantMeta],
}

impl TableMeta {
    /// Nothing said.
    pub const NONE: TableMeta = TableMeta {
        primary_key: &[],
        uniques: &[],
        indexes: &[],
        checks: &[],
        foreign_keys: &[],
        comment: None,
        view: None,
        variants: &[],
    };
}

/// A UNIQUE constraint over the columns of some fields.
#[derive(Clone, Copy, Debug)]
pub struct UniqueMeta {
    /// The fields.
    pub fields: &'static [usize],
    /// The constraint's name, where it is not made of the columns'.
    pub name: Option<&'static str>,
    /// Whether it can be checked at the end of a transaction.
    pub deferrable: bool,
}

/// An index over the columns of some fields.
#[derive(Clone, Copy, Debug)]
pub struct IndexMeta {
    /// The fields, and whether they are sorted falling.
    pub fields: &'static [(usize, bool)],
    /// The index's name, where it is not made of the columns'.
    pub name: Option<&'static str>,
    /// Whether no two rows in it may be the same.
    pub unique: bool,
    /// The rows that are in it, as a condition in SQL.
    pub filter: Option<&'static str>,
}

/// A CHECK constraint.
#[derive(Clone, Copy, Debug)]
pub struct CheckMeta {
    /// What is behind `ck_<table>_` in the constraint's name.
    pub name: &'static str,
    /// The condition, in SQL.
    pub sql: &'static str,
}

/// A foreign key over the columns of fields that are no `Ref`.
#[derive(Clone, Copy, Debug)]
pub struct ForeignKeyMeta {
    /// The fields.
    pub fields: &'static [usize],
    /// The model pointed to.
    pub target: Target,
    /// Its fields pointed to: its primary key, or what is UNIQUE together.
    pub target_fields: &'static [&'static str],
    /// The constraint's name, where it is not made of the columns'.
    pub name: Option<&'static str>,
    /// On deletion of the row pointed to.
    pub on_delete: ReferentialAction,
    /// On change of the columns pointed to.
    pub on_update: ReferentialAction,
}

/// A model of a view.
#[derive(Clone, Copy, Debug)]
pub struct ViewMeta {
    /// The SELECT that it is, where it is created and dropped with the tables.
    pub query: Option<&'static str>,
}
