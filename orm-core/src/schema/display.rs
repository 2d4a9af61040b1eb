//! A table made to be read: `println!("{}", Article.table())`.

use super::{Index, ReferentialAction, Table};
use crate::dialect::POSTGRES;
use std::fmt;

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.model.is_read_only() { "view, " } else { "" };
        writeln!(f, "{} ({what}model {})", self.full_name(), self.model.name)?;
        if let Some(comment) = self.model.declared.comment {
            writeln!(f, "  {comment}")?;
        }
        let types: Vec<String> = self
            .columns
            .iter()
            .map(|column| POSTGRES.column_type(column.ty, column.length, column.sql_type))
            .collect();
        let name_width = self.columns.iter().map(|c| c.name.chars().count()).max().unwrap_or(0);
        let type_width = types.iter().map(String::len).max().unwrap_or(0);
        for (index, (column, ty)) in self.columns.iter().zip(&types).enumerate() {
            let null = if column.may_be_null() { "NULL" } else { "NOT NULL" };
            let mut line = format!("  {:name_width$}  {ty:type_width$}  {null:8}", column.name);
            for word in self.words_of(index) {
                line.push_str("  ");
                line.push_str(&word);
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        for (kind, name, columns) in self.constraints() {
            writeln!(f, "  {kind} {name} ({})", columns.join(", "))?;
        }
        for index in &self.indexes {
            writeln!(f, "  {}", self.shown(index))?;
        }
        Ok(())
    }
}

impl Table {
    /// What is said beside one column: its part in keys, and where it points.
    fn words_of(&self, index: usize) -> Vec<String> {
        let column = &self.columns[index];
        let mut words = Vec::new();
        if self.primary_key.contains(&index) {
            words.push("PRIMARY KEY".to_owned());
        }
        if column.is_counted() {
            words.push("GENERATED".to_owned());
        }
        if column.system {
            words.push("of the system".to_owned());
        } else if let Some(sql) = column.computed {
            words.push(format!("GENERATED ALWAYS AS ({sql})"));
        }
        if column.triggered {
            words.push("by a trigger".to_owned());
        } else if let Some(default) = column.server_default {
            words.push(format!("DEFAULT {default}"));
        }
        if self.uniques.iter().any(|unique| unique.columns == [index]) {
            words.push("UNIQUE".to_owned());
        }
        for key in &self.foreign_keys {
            let Some(part) = key.columns.iter().position(|&own| own == index) else { continue };
            let target = key.target.table();
            words.push(format!("→ {}.{}", target.full_name(), key.target_columns[part]));
            if key.on_delete != ReferentialAction::NoAction {
                words.push(format!("ON DELETE {}", key.on_delete.sql()));
            }
            if key.on_update != ReferentialAction::NoAction {
                words.push(format!("ON UPDATE {}", key.on_update.sql()));
            }
        }
        if self.version == Some(index) {
            words.push("-- version".to_owned());
        }
        if let Some(comment) = column.comment {
            words.push(format!("-- {comment}"));
        }
        words
    }

    /// `UNIQUE INDEX name (a, b DESC) WHERE …`.
    fn shown(&self, index: &Index) -> String {
        let column = |(&column, &falling): (&usize, &bool)| {
            let name = &self.columns[column].name;
            if falling { format!("{name} DESC") } else { name.clone() }
        };
        let columns: Vec<String> = index.columns.iter().zip(&index.falling).map(column).collect();
        let unique = if index.unique { "UNIQUE " } else { "" };
        let filter = index.filter.map(|filter| format!(" WHERE {filter}")).unwrap_or_default();
        format!("{unique}INDEX {} ({}){filter}", index.name, columns.join(", "))
    }

    fn constraints(&self) -> Vec<(&'static str, &str, Vec<&str>)> {
        let names = |columns: &[usize]| -> Vec<&str> {
            columns.iter().map(|&index| self.columns[index].name.as_str()).collect()
        };
        let mut shown =
            vec![("PRIMARY KEY", self.primary_key_name.as_str(), names(&self.primary_key))];
        shown.extend(
            self.foreign_keys
                .iter()
                .map(|key| ("FOREIGN KEY", key.name.as_str(), names(&key.columns))),
        );
        shown.extend(
            self.uniques
                .iter()
                .map(|unique| ("UNIQUE", unique.name.as_str(), names(&unique.columns))),
        );
        shown.extend(
            self.checks
                .iter()
                .map(|check| ("CHECK", check.name.as_str(), vec![check.sql.as_str()])),
        );
        shown
    }
}
