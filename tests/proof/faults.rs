//! The proof of the proof: with each fault that can be planted in the library it fails.

use crate::{disagreement, ready};
use orm_session::faults::{Fault, plant};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(each_planted_fault_is_found, each_later_planted_fault_is_found);

/// The most programs it may take.
const PROGRAMS: u32 = 300;

fn each_planted_fault_is_found(db: &TestDatabase) {
    find(db, &Fault::ALL[..Fault::ALL.len() / 2]);
}

/// The other half of them, for a test is not to take minutes.
fn each_later_planted_fault_is_found(db: &TestDatabase) {
    find(db, &Fault::ALL[Fault::ALL.len() / 2..]);
}

fn find(db: &TestDatabase, faults: &[Fault]) {
    let engine = ready(db);
    let mut missed = Vec::new();
    for &fault in faults {
        plant(Some(fault));
        let found = disagreement(&engine, PROGRAMS, 1, false);
        plant(None);
        if found.is_ok() {
            missed.push(fault);
        }
    }
    assert!(missed.is_empty(), "{PROGRAMS} programs did not find {missed:?}");
}
