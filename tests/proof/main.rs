//! The proof of the unit of work: random programs, run on a session and on a plain oracle.
//!
//! A program is up to 40 steps on one of eight shapes of relationships. After each step objects are
//! compared, after each flush the rows the session's own connection sees, after each commit those
//! that another one sees. `ORM_PROOF_PROGRAMS` says how many programs are run, `ORM_PROOF_SEED` from
//! where they are drawn; what fails is shrunk and printed as the steps that were taken.

// steps are tuples of small numbers, a step's function names all it is about, and what is written to a
// column may be nothing, NULL or a value
#![allow(clippy::type_complexity, clippy::too_many_lines, clippy::option_option)]

mod check;
mod elsewhere;
mod faults;
mod kinds;
mod models;
mod oracle;
mod program;
mod run;
mod shapes;
mod steps;

use crate::program::Program;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

on_each_database!(random_programs_do_what_plain_tables_say);

/// How many programs a normal run is of.
const PROGRAMS: u32 = 300;

fn number(variable: &str, otherwise: u32) -> u32 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn random_programs_do_what_plain_tables_say(db: &TestDatabase) {
    let seed = number("ORM_PROOF_SEED", 1);
    let programs = number("ORM_PROOF_PROGRAMS", PROGRAMS);
    if let Err(found) = disagreement(&ready(db), programs, seed, true) {
        panic!(
            "of {programs} programs drawn from seed {seed} one disagrees; the shortest:\n{found}"
        );
    }
}

fn ready(db: &TestDatabase) -> Engine {
    let engine = Engine::builder(db.url()).models(shapes::schema()).build();
    let engine = engine.expect("the models of the proof fit together");
    engine.create_all().expect("their tables can be created");
    engine
}

/// Runs programs until one disagrees: what it did, and what differs.
fn disagreement(engine: &Engine, programs: u32, seed: u32, shrunk: bool) -> Result<(), String> {
    let config = Config {
        cases: programs,
        failure_persistence: None,
        max_shrink_iters: if shrunk { 5_000 } else { 0 },
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, random);
    let strategy = program::programs(shapes::SHAPES.len());
    let done = runner.run(&strategy, |program: Program| {
        empty(engine, program.shape).map_err(|error| TestCaseError::fail(error.to_string()))?;
        run::run(engine, &program).map_err(TestCaseError::fail)
    });
    match done {
        Ok(()) => Ok(()),
        Err(TestError::Fail(why, _)) => Err(why.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// Empties the tables of a shape.
fn empty(engine: &Engine, shape: usize) -> orm::Result<()> {
    let mut connection = engine.connect()?;
    let shape = &shapes::SHAPES[shape];
    for statement in shape.severing.iter().copied().chain(shape.link.map(|link| link.empty)) {
        connection.execute(text(statement))?;
    }
    for &kind in shape.kinds.iter().rev() {
        kind.empty(&mut connection)?;
    }
    connection.commit()
}
