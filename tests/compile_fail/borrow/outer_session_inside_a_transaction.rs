//! The closure is given the session and uses the one around it.
//!
//! errors: 2

use orm_doc_models::*;

fn add(session: &mut Session) -> Result<()> {
    session.transaction(|_inner| {
        session.add(Tag::new("new"));
        Ok(())
    })
}

fn main() {}
