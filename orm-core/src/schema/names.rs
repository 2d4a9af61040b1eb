//! Names of constraints and indexes, and what PostgreSQL's limit of 63 bytes does to them.
//!
//! 1. `pk_<table>`, `fk_<table>_<columns>`, `uq_<table>_<columns>`, `ix_<table>_<columns>`,
//!    `ck_<table>_<name>`.
//! 2. A name over 63 bytes, also of a schema, a table, a column or an alias, is cut at a character and gets `_` and 8 hexadecimal digits of a hash of
//!    the whole name: the same everywhere and always, so that what was created is found again.

use super::{Column, Table};

/// The longest identifier that PostgreSQL keeps.
pub const MOST_BYTES: usize = 63;

/// `<prefix>_<table>[_<rest>…]`, cut to what the database keeps.
pub fn constraint<'a>(
    prefix: &str,
    table: &str,
    rest: impl IntoIterator<Item = &'a str>,
) -> String {
    let mut name = format!("{prefix}_{table}");
    for part in rest {
        name.push('_');
        name.push_str(part);
    }
    cut(name)
}

/// The CHECK of a text's length, of a database whose types have none.
pub fn length(table: &Table, column: &Column) -> String {
    constraint("ck", &table.name, [column.name.as_str(), "length"])
}

/// The CHECK of the values that an integer or a boolean can have, of a database whose types take any.
pub fn range(table: &Table, column: &Column) -> String {
    constraint("ck", &table.name, [column.name.as_str(), "range"])
}

/// The CHECK of the labels of an enum, of a database that has no type for them.
pub fn label(table: &Table, column: &Column) -> String {
    constraint("ck", &table.name, [column.name.as_str(), "label"])
}

/// The name, cut and marked with a hash where it is too long.
pub fn cut(name: String) -> String {
    if name.len() <= MOST_BYTES {
        return name;
    }
    let mut end = MOST_BYTES - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{:08x}", &name[..end], hash(&name))
}

/// FNV-1a: stable over versions, platforms and runs, which std's hashers do not promise.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_stay() {
        assert_eq!(constraint("uq", "authors", ["email"]), "uq_authors_email");
        assert_eq!(constraint("pk", "authors", []), "pk_authors");
    }

    #[test]
    fn long_names_are_cut_at_a_character_and_stay_different() {
        let one = constraint("ix", &"ä".repeat(40), ["one"]);
        let two = constraint("ix", &"ä".repeat(40), ["two"]);
        assert!(one.len() <= MOST_BYTES && two.len() <= MOST_BYTES);
        assert_ne!(one, two);
    }
}
