//! A column's type where the model says it in SQL (`sql_type`): how values get into it and out of it.
//!
//! 1. A value travels as the Rust type and is cast to the type without its length: an explicit cast
//!    to `varchar(3)` would cut silently, storing tells what is too long. Integers need no cast.
//! 2. A column is read as the Rust type: cast to it, unless its binary form is the same.
//! 3. Without casts (SQLite) the declared type is kept where it stores values in the same class.

use super::Dialect;
use crate::types::ColumnType;

impl Dialect {
    /// The type that a column is created with.
    pub fn column_type(
        &self,
        ty: ColumnType,
        length: Option<u32>,
        sql_type: Option<&str>,
    ) -> String {
        let own = (self.type_name)(ty, length);
        match sql_type {
            Some(said) if self.features.casts => said.to_owned(),
            Some(said) if !own.contains("COLLATE") && affinity(said) == affinity(&own) => {
                said.to_owned()
            }
            Some(_) | None => own,
        }
    }

    /// What a value of the Rust type is cast to before it meets the column.
    pub fn written_as(&self, ty: ColumnType, sql_type: Option<&str>) -> Option<String> {
        let said = sql_type.filter(|_| self.features.casts)?;
        let integer = matches!(ty, ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt);
        (!integer).then(|| without_length(said))
    }

    /// What the column is cast to before it is read.
    pub fn read_as(&self, ty: ColumnType, sql_type: Option<&str>) -> Option<String> {
        let said = sql_type.filter(|_| self.features.casts)?;
        let base = without_length(said).to_lowercase();
        let same: &[&str] = match ty {
            ColumnType::Text => &["text", "varchar", "character varying", "bpchar", "citext"],
            ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => {
                &["smallint", "int2", "integer", "int", "int4", "bigint", "int8"]
            }
            ColumnType::Decimal => &["numeric", "decimal"],
            _ => &[],
        };
        (!same.contains(&base.as_str())).then(|| (self.type_name)(ty, None))
    }
}

/// `numeric(10, 2)` → `numeric`. Two types mean another one without a length: it is named.
fn without_length(sql_type: &str) -> String {
    let mut base = String::with_capacity(sql_type.len());
    let mut depth = 0_u32;
    let mut quoted = false;
    for character in sql_type.trim().chars() {
        match character {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            _ => {}
        }
        if depth == 0 {
            base.push(character);
        }
        if character == ')' && !quoted {
            depth = depth.saturating_sub(1);
        }
    }
    let words: Vec<&str> = base.split_whitespace().collect();
    let base = words.join(" ");
    match base.to_lowercase().as_str() {
        "char" | "character" | "nchar" => "bpchar".to_owned(),
        "bit" => "varbit".to_owned(),
        _ => base,
    }
}

/// The class in which SQLite stores values of a column of this declared type, by its rules.
fn affinity(declared: &str) -> &'static str {
    let name = declared.to_uppercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if has(&["INT"]) {
        "INTEGER"
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        "TEXT"
    } else if has(&["BLOB"]) {
        "BLOB"
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        "REAL"
    } else {
        "NUMERIC"
    }
}

#[cfg(test)]
mod tests {
    use super::without_length;

    #[test]
    fn types_are_cast_to_without_their_length() {
        for (said, base) in [
            ("varchar(20)", "varchar"),
            ("character varying (20)", "character varying"),
            ("numeric(10, 2)", "numeric"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("char(5)", "bpchar"),
            ("CHARACTER(5)", "bpchar"),
            ("bit(3)", "varbit"),
            ("citext", "citext"),
            ("my.\"a (b)\"", "my.\"a (b)\""),
        ] {
            assert_eq!(without_length(said), base);
        }
    }
}
