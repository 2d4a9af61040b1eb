//! What to write instead of what the borrow checker refuses: beside each case of
//! `tests/compile_fail/borrow` stands its remedy, in `remedies`, under the same name. They compile
//! and do what was meant. `docs/borrow-checker.md` tells of them.

#[path = "compile_fail/borrow/remedies/mod.rs"]
mod remedies;

use orm_doc_models::{Result, Session, blog};
use std::collections::BTreeSet;
use std::fs;

type Remedy = fn(&mut Session) -> Result<()>;

macro_rules! remedies {
    ($($name:ident),* $(,)?) => {
        &[$((stringify!($name), remedies::$name::remedy)),*]
    };
}

const REMEDIES: &[(&str, Remedy)] = remedies![
    change_that_reads_another_object,
    collection_that_takes_what_is_added,
    filter_that_reads_an_object,
    loop_over_a_collection_that_changes,
    loop_over_a_stream,
    object_read_across_a_flush,
    object_read_as_it_is_added,
    object_read_beside_a_query,
    outer_session_inside_a_transaction,
    query_kept_while_the_session_is_used,
    question_mark_forgotten_in_a_loop,
    two_objects_changed_together,
];

#[test]
fn every_remedy_does_what_was_meant() -> Result<()> {
    for (name, remedy) in REMEDIES {
        println!("{name}");
        let (_engine, mut session) = blog()?;
        remedy(&mut session)?;
    }
    Ok(())
}

#[test]
fn every_refused_case_has_a_remedy() {
    let refused: BTreeSet<String> = fs::read_dir("tests/compile_fail/borrow")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|file| file.strip_suffix(".rs").map(str::to_owned))
        .collect();
    let told: BTreeSet<String> = REMEDIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(refused, told);
}
