//! Which places of the library compile a statement, and under which criteria: a new one is not in these
//! lists, and the test fails until somebody decides.

use std::fs;
use std::path::{Path, PathBuf};

/// Where statements are compiled, how often, and under what.
const COMPILED: &[(&str, usize, &str)] = &[
    ("engine/select.rs", 1, "typed statements of a connection, under its criteria"),
    ("engine/text.rs", 1, "SQL text, which is taken as it is"),
    ("engine/tree.rs", 1, "what they include, under those that the statement leaves"),
    (
        "session/flush/expressions.rs",
        1,
        "columns set to expressions, of rows found by key: round them",
    ),
    ("session/loading.rs", 2, "every statement of a session, under those that hold in it"),
];

/// Where SQL is made of a table's name without a compiler of statements.
const BATCHES: &[(&str, usize, &str)] = &[
    ("engine/builder.rs", 1, "whether the database has a version of its own: no rows are read"),
    ("engine/select.rs", 1, "the lock of a database without row locks"),
    ("session/flush/links.rs", 1, "rows of link tables, by their keys"),
    ("session/flush/missing.rs", 1, "rows that a flush missed, by their keys"),
    ("session/flush/persist.rs", 1, "the rows of a flush, by their keys"),
    ("session/flush/system_version.rs", 1, "versions of the rows of a flush, by their keys"),
];

/// Where a session reads round its criteria by itself.
const ROUND: &[(&str, usize, &str)] = &[
    ("session/cascade.rs", 1, "all children of what is deleted"),
    (
        "session/stale.rs",
        2,
        "rows of objects that are refreshed, or that a flush made the database write",
    ),
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the sources").flatten().map(|entry| entry.path());
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| self::files(folder)));
    files
}

/// How often one of some words stands in the code of each file.
fn found(words: &[&str]) -> Vec<(String, usize)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("orm-session/src");
    let mut found = Vec::new();
    for file in files(&root) {
        let text = fs::read_to_string(&file).expect("a source file");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code: String = code.collect::<Vec<_>>().join("\n");
        let count = words.iter().map(|word| code.matches(word).count()).sum();
        if count > 0 {
            let name = file.strip_prefix(&root).expect("below it").display().to_string();
            found.push((name, count));
        }
    }
    found.sort();
    found
}

fn listed(list: &[(&str, usize, &str)]) -> Vec<(String, usize)> {
    list.iter().map(|&(file, count, _)| (file.to_owned(), count)).collect()
}

#[test]
fn every_statement_is_under_criteria_that_somebody_decided() {
    assert_eq!(found(&[" compile("]), listed(COMPILED));
    assert_eq!(found(&["compile::batch"]), listed(BATCHES));
    assert_eq!(found(&[".without_criteria("]), listed(ROUND));
}
