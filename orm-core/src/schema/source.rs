//! What columns come from: a model's table, or the table under an alias.

use super::{Column, ModelMeta, Table, names};
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

/// A table in a statement; `Copy`, so that columns are.
///
/// Two are equal where they are the same table under the same name, whichever variant they ask for.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The model.
    pub model: &'static ModelMeta,
    /// The name in the statement, where it is not the table's own.
    pub alias: Option<&'static str>,
    /// The number of the variant whose rows are selected by it, of a model that is an enum.
    pub variant: Option<u16>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Source) -> bool {
        self.model == other.model && self.alias == other.alias
    }
}

impl Eq for Source {}

impl Source {
    /// The model's table under its own name.
    pub const fn of(model: &'static ModelMeta) -> Source {
        Source { model, alias: None, variant: None }
    }

    /// The model's table under another name, where one is given.
    pub const fn named(model: &'static ModelMeta, alias: Option<&'static str>) -> Source {
        Source { model, alias, variant: None }
    }

    /// The rows of one variant.
    pub const fn of_variant(self, number: u16) -> Source {
        Source { variant: Some(number), ..self }
    }

    /// What the program calls it: the model, or the struct of the variant.
    pub fn model_name(&self) -> &'static str {
        let variant =
            self.variant.and_then(|number| self.model.variants().get(usize::from(number)));
        variant.map_or(self.model.name, |variant| variant.model)
    }

    /// The table.
    pub fn table(&self) -> &'static Table {
        self.model.table()
    }

    /// The name that columns of it are called by in a statement.
    pub fn name(&self) -> &'static str {
        self.alias.unwrap_or(self.table().called.as_str())
    }
}

/// A column of a source: a field of the model and, for references to composite keys, its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnRef {
    /// What it comes from.
    pub source: Source,
    /// The position of the field.
    pub field: u16,
    /// The part of the field.
    pub part: u16,
}

impl ColumnRef {
    /// The column at `index` of a source's table.
    pub fn of(source: Source, index: usize) -> Option<ColumnRef> {
        let column = source.table().columns.get(index)?;
        let (field, part) = (u16::try_from(column.field).ok()?, u16::try_from(column.part).ok()?);
        Some(ColumnRef { source, field, part })
    }

    /// The column, as the table has it.
    pub fn column(&self) -> Option<&'static Column> {
        self.source.table().column_of(usize::from(self.field), usize::from(self.part))
    }

    /// What the program calls it: `Article.title`, `Customer.address.city`.
    pub fn path(&self) -> String {
        let model = self.source.model;
        let index = usize::from(self.field);
        let owner = model.variant_of(index).map_or(model.name, |variant| variant.model);
        format!("{owner}.{}", model.fields[index].path(usize::from(self.part)))
    }
}

/// The same text for the life of the program, once for each text: names of aliases, cut to what the
/// database keeps.
pub fn intern(name: &str) -> &'static str {
    static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    let name = names::cut(name.to_owned());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name.as_str()) {
        return known;
    }
    let kept: &'static str = Box::leak(name.into_boxed_str());
    names.insert(kept);
    kept
}
