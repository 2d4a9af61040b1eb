//! The proof of the proof: with each fault that can be planted in the library it fails.

use crate::{disagreement, number, ready};
use orm_session::faults::{Fault, plant};
use orm_test_support::{TestDatabase, on_each_database};

// in parts, for no test is to take minutes
on_each_database!(
    each_planted_fault_is_found,
    each_planted_fault_of_the_second_part_is_found,
    each_planted_fault_of_the_third_part_is_found,
    each_planted_fault_of_the_last_part_is_found,
);

/// The most programs it may take.
const PROGRAMS: u32 = 300;
const SEED: u32 = 1;
const PARTS: usize = 4;

fn each_planted_fault_is_found(db: &TestDatabase) {
    find(db, 0);
}

fn each_planted_fault_of_the_second_part_is_found(db: &TestDatabase) {
    find(db, 1);
}

fn each_planted_fault_of_the_third_part_is_found(db: &TestDatabase) {
    find(db, 2);
}

fn each_planted_fault_of_the_last_part_is_found(db: &TestDatabase) {
    find(db, 3);
}

fn find(db: &TestDatabase, part: usize) {
    let engine = ready(db);
    let faults = Fault::ALL.iter().skip(part).step_by(PARTS);
    let mut missed = Vec::new();
    for &fault in faults {
        plant(Some(fault));
        let found = disagreement(&engine, PROGRAMS, number("ORM_PROOF_SEED", SEED), false);
        plant(None);
        if found.is_ok() {
            missed.push(fault);
        }
    }
    assert!(missed.is_empty(), "{PROGRAMS} programs did not find {missed:?}");
}
