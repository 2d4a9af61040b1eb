//! The models an engine works with, checked together: every contradiction is told at once.

use super::embedded::leaves;
use super::{
    FieldSpec, ModelMeta, ReferentialAction, RelationshipKind, Table, cascades, enums, uniqueness,
    variants, views,
};
use crate::error::{Error, ErrorKind, Result};
use crate::types::ColumnType;
use std::collections::HashMap;

/// A set of models and of those their foreign keys reach.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    models: Vec<&'static ModelMeta>,
    links: Vec<&'static ModelMeta>,
}

impl Schema {
    /// An empty set.
    pub fn new() -> Schema {
        Schema::default()
    }

    /// Adds a model and the models its foreign keys reach; one that is there already stays once.
    pub fn insert(&mut self, model: &'static ModelMeta) {
        if self.models.contains(&model) {
            return;
        }
        self.models.push(model);
        for field in model.fields {
            match field.spec {
                FieldSpec::Reference { target, .. } | FieldSpec::Collection { target, .. } => {
                    self.insert(target.model());
                }
                FieldSpec::Column { .. } | FieldSpec::Embedded { .. } => {}
            }
        }
        for key in model.declared.foreign_keys {
            self.insert(key.target.model());
        }
        for relationship in &model.table().relationships {
            if let RelationshipKind::ManyToMany { link, .. } = relationship.kind
                && !self.links.contains(&link)
            {
                self.links.push(link);
            }
        }
    }

    /// The models, in the order they were given.
    pub fn models(&self) -> &[&'static ModelMeta] {
        &self.models
    }

    /// The link tables of the models' many-to-many relationships.
    pub fn links(&self) -> &[&'static ModelMeta] {
        &self.links
    }

    /// The tables, in the order the models were given, link tables behind them.
    pub fn tables(&self) -> impl Iterator<Item = &'static Table> + '_ {
        self.models.iter().chain(&self.links).map(|model| model.table())
    }

    /// Checks the models together.
    ///
    /// # Errors
    /// One [`ErrorKind::Configuration`] that lists every contradiction: two models of one table,
    /// two columns, indexes or constraints of one name, an action that sets NULL a column that can't
    /// be, a length on what is no text, a generated value of a type the database can't generate, a
    /// foreign key to what is not UNIQUE or to a view, a cascade of a collection against the actions
    /// of its foreign key, a `One` of which there may be several.
    pub fn check(&self) -> Result<()> {
        let mut problems = Vec::new();
        let mut tables: HashMap<(Option<&str>, &str), &str> = HashMap::new();
        let mut relations = Relations::default();
        for model in self.models.iter().chain(&self.links) {
            let table = model.table();
            let name = (table.schema.as_deref(), table.name.as_str());
            if let Some(other) = tables.insert(name, model.name) {
                problems.push(format!(
                    "models `{other}` and `{}` are both table `{}`; rename one by \
                     `#[orm(table = \"…\")]`",
                    model.name,
                    table.full_name()
                ));
            } else {
                relations.add(table, &mut problems);
            }
            problems.extend(table.problems.iter().cloned());
            check_names(table, &mut problems);
            uniqueness::check_names(table, &mut problems);
            uniqueness::check_targets(table, &mut problems);
            check_counted(table, &mut problems);
            check_fields(table, &mut problems);
            cascades::check(table, &mut problems);
            views::check(table, &mut problems);
            variants::check(table, &mut problems);
        }
        enums::check(self, &mut problems);
        match problems.len() {
            0 => Ok(()),
            1 => Err(Error::new(ErrorKind::Configuration, problems.remove(0))),
            count => Err(Error::new(
                ErrorKind::Configuration,
                format!("{count} contradictions in the models:\n  {}", problems.join("\n  ")),
            )),
        }
    }
}

/// The names that tables, indexes and the indexes of constraints share within a schema.
#[derive(Default)]
struct Relations(HashMap<(Option<&'static str>, &'static str), String>);

impl Relations {
    fn add(&mut self, table: &'static Table, problems: &mut Vec<String>) {
        let model = table.model.name;
        let key = Some(("primary key", table.primary_key_name.as_str()));
        let key = key.filter(|_| !table.model.is_read_only());
        let uniques = table.uniques.iter().map(|unique| ("constraint", unique.name.as_str()));
        let indexes = table.indexes.iter().map(|index| ("index", index.name.as_str()));
        let table_itself = [("table", table.name.as_str())].into_iter();
        for (what, name) in table_itself.chain(key).chain(uniques).chain(indexes) {
            let place = format!("the {what} of `{model}`");
            if let Some(other) = self.0.insert((table.schema.as_deref(), name), place.clone()) {
                problems.push(format!(
                    "{other} and {place} are both called `{name}`; rename a table or a column by \
                     `#[orm(table = \"…\")]`, `#[orm(column = \"…\")]`, or name the index itself: \
                     `#[orm(index(a, b, name = \"…\"))]`"
                ));
            }
        }
    }
}

fn check_names(table: &Table, problems: &mut Vec<String>) {
    let mut columns: HashMap<&str, (String, bool)> = HashMap::new();
    for column in &table.columns {
        let field = &table.model.fields[column.field];
        let path = field.path(column.part);
        let embedded = matches!(field.spec, FieldSpec::Embedded { .. });
        if let Some((other, other_embedded)) =
            columns.insert(&column.name, (path.clone(), embedded))
        {
            let prefix = if embedded || other_embedded {
                ", or give the embedded struct another `prefix`"
            } else {
                ""
            };
            problems.push(format!(
                "`{0}.{other}` and `{0}.{path}` are both column `{1}`; rename one by \
                 `#[orm(column = \"…\")]`{prefix}",
                table.model.name, column.name
            ));
        }
        if column.name.is_empty() || column.name.contains('\0') {
            problems.push(format!(
                "`{}.{path}`: a column's name can't be empty or hold NUL",
                table.model.name
            ));
        }
    }
    for (what, name) in [("table", Some(&table.name)), ("schema", table.schema.as_ref())] {
        if name.is_some_and(|name| name.is_empty() || name.contains('\0')) {
            let model = table.model.name;
            problems.push(format!("`{model}`: a {what}'s name can't be empty or hold NUL"));
        }
    }
}

/// A table counts one value of its rows.
fn check_counted(table: &Table, problems: &mut Vec<String>) {
    let generated: Vec<&str> = table
        .columns
        .iter()
        .filter(|column| column.is_counted())
        .map(|column| table.model.fields[column.field].name)
        .collect();
    if let [_, second, ..] = generated[..] {
        problems.push(format!(
            "`{}.{second}`: a second value that a counter gives; one `Auto` per model, others by \
             `#[orm(server_default = \"…\")]`",
            table.model.name
        ));
    }
}

fn check_fields(table: &Table, problems: &mut Vec<String>) {
    for (position, field) in table.model.fields.iter().enumerate() {
        let place = format!("`{}.{}`", table.model.name, field.name);
        match field.spec {
            FieldSpec::Collection { .. } => {}
            FieldSpec::Embedded { .. } => {
                let texts_only = leaves(field)
                    .into_iter()
                    .filter(|leaf| leaf.field.length.is_some() && leaf.ty != ColumnType::Text);
                problems.extend(texts_only.map(|leaf| {
                    let (model, path, ty) = (table.model.name, leaf.path, leaf.ty);
                    format!("`{model}.{path}`: `length` is for text, this is {ty:?}")
                }));
                if field.primary_key {
                    problems.push(format!("{place}: a primary key can't be embedded"));
                }
            }
            FieldSpec::Column { ty, nullable, auto, .. } => {
                let counted = auto && field.server_default.is_none() && field.computed.is_none();
                if counted && (!is_integer(ty) || nullable) {
                    problems.push(format!(
                        "{place}: the database makes integers only; use `Auto<i64>`, say how it is \
                         made by `#[orm(server_default = \"…\")]`, or give the value yourself"
                    ));
                }
                if field.sql_type.is_some() && matches!(ty, ColumnType::Enum(_)) {
                    problems.push(format!(
                        "{place}: `sql_type` of an enum, which is of a type of its own; name that by \
                         `#[orm(name = \"…\")]` on the enum"
                    ));
                }
                if field.length.is_some() && ty != ColumnType::Text {
                    problems.push(format!("{place}: `length` is for text, this is {ty:?}"));
                }
                if field.primary_key && nullable {
                    problems.push(format!("{place}: a primary key can't be `Option`"));
                }
            }
            FieldSpec::Reference { nullable, .. } => {
                let sets_null = field.on_delete == ReferentialAction::SetNull
                    || field.on_update_key == ReferentialAction::SetNull;
                if sets_null && !nullable {
                    problems.push(format!(
                        "{place}: `set_null` needs a column that can be NULL; write \
                         `Option<Ref<…>>` or choose another action"
                    ));
                }
            }
        }
        if field.primary_key && table.columns_of(position).next().is_none() {
            problems.push(format!("{place}: its key has no columns"));
        }
    }
}

fn is_integer(ty: ColumnType) -> bool {
    matches!(ty, ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt)
}
