//! Statements as plain data: what the typed builders make and the compiler reads.

mod parameters;

pub use parameters::{BatchRows, Parameter, Parameters};
