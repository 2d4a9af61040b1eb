//! Runs a command with a PostgreSQL server for its tests, and ends the server with it.
//!
//! ```text
//! with-postgres COMMAND…            on TEST_DATABASE_URL, or else on a throw-away server of its own
//! with-postgres --shared COMMAND…   on the throw-away server that lone `cargo test` processes share
//! with-postgres --programs          prints where PostgreSQL's programs are, and runs nothing
//! ```
//! The command finds the server in `TEST_DATABASE_URL`, `TEST_DATABASE_TCP_URL`, `TEST_DATABASE_CERTIFICATE` and
//! `TEST_DATABASE_RUN`. `./test` runs itself under it.

use std::env;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

use orm_test_support::Lease;

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1).peekable();
    let option = arguments.next_if(|first| first == "--shared" || first == "--programs");
    let done = match option.as_ref().and_then(|option| option.to_str()) {
        Some("--programs") => Lease::programs().map(|folder| {
            println!("{}", folder.display());
            ExitCode::SUCCESS
        }),
        Some(_) => Lease::take_shared().and_then(|lease| run(&lease, arguments)),
        None => Lease::take().and_then(|lease| run(&lease, arguments)),
    };
    done.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::FAILURE
    })
}

fn run(lease: &Lease, mut command: impl Iterator<Item = OsString>) -> Result<ExitCode, String> {
    let program = command.next().ok_or("usage: with-postgres [--shared] COMMAND…")?;
    let variables = lease.variables().iter().map(|(name, value)| (name, value));
    let status = Command::new(&program)
        .args(command)
        .envs(variables)
        .status()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}
