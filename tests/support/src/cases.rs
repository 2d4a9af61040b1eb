//! The macros that write a case once and run it per database.
//!
//! A case becomes a module of its name with one test per database, so that test paths end in `::postgres` and
//! `::sqlite`. The test command counts by these segments: a database that ran no test fails the run.

/// Runs each case on every database.
///
/// ```
/// use orm_test_support::{TestDatabase, on_each_database};
///
/// on_each_database! {
///     /// Tests `starts_empty::postgres` and `starts_empty::sqlite`.
///     fn starts_empty(db: &TestDatabase) {
///         assert!(!db.url().is_empty());
///     }
///
///     fn may_fail(db: &TestDatabase) -> Result<(), std::io::Error> {
///         std::fs::read(db.url().trim_start_matches("sqlite:")).map(drop)
///     }
/// }
/// # fn main() {}
/// ```
///
/// rustfmt leaves the inside of the braces alone. Where that matters, write the functions as usual and name them
/// below: `on_each_database!(starts_empty, may_fail);`.
///
/// Attributes (documentation, `cfg`, lint levels) hold for the case and both of its tests.
#[macro_export]
macro_rules! on_each_database {
    ($($cases:tt)*) => { $crate::__cases! { [postgres sqlite] $($cases)* } };
}

/// Runs each case on PostgreSQL only, for what SQLite lacks; written as in [`on_each_database!`].
#[macro_export]
macro_rules! on_postgres {
    ($($cases:tt)*) => { $crate::__cases! { [postgres] $($cases)* } };
}

/// Runs each case on SQLite only, for what PostgreSQL lacks; written as in [`on_each_database!`].
#[macro_export]
macro_rules! on_sqlite {
    ($($cases:tt)*) => { $crate::__cases! { [sqlite] $($cases)* } };
}

/// What the three macros share: functions are kept where they stand, and each gets a module of tests beside it.
#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    ($databases:tt $(
        $(#[$attribute:meta])*
        fn $case:ident($db:ident: $type:ty) $(-> $result:ty)? $body:block
    )+) => { $(
        $(#[$attribute])*
        fn $case($db: $type) $(-> $result)? $body

        $crate::__tests! { $(#[$attribute])* $case $databases }
    )+ };

    ($databases:tt $($case:ident),+ $(,)?) => { $( $crate::__tests! { $case $databases } )+ };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($(#[$attribute:meta])* $case:ident [$($database:ident)+]) => {
        $(#[$attribute])*
        mod $case { $(
            #[test]
            fn $database() -> impl ::std::process::Termination {
                let db = $crate::TestDatabase::$database();
                super::$case(&db)
            }
        )+ }
    };
}
