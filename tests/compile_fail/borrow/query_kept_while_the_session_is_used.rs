//! A bound query keeps the session until it is run.

use orm_doc_models::*;

fn count(session: &mut Session) -> Result<i64> {
    let mut tags = session.query(Tag);
    session.add(Tag::new("new"));
    tags.count()
}

fn main() {}
