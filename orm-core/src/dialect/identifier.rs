//! Identifiers in SQL text: the one function that quotes them.

/// An identifier in double quotes, those inside doubled.
pub fn quoted(name: &str) -> String {
    let mut sql = String::with_capacity(name.len() + 2);
    push_quoted(&mut sql, name);
    sql
}

/// Adds an identifier in double quotes, those inside doubled.
pub(crate) fn push_quoted(sql: &mut String, name: &str) {
    sql.push('"');
    for character in name.chars() {
        if character == '"' {
            sql.push('"');
        }
        sql.push(character);
    }
    sql.push('"');
}
