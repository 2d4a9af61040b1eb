//! SQL is text by `text(..)`, so that values are bound and not written into it.

use orm::prelude::*;

fn main() -> orm::Result<()> {
    let engine = Engine::new("sqlite::memory:")?;
    let mut connection = engine.connect()?;
    connection.execute("SELECT 1")?;
    Ok(())
}
