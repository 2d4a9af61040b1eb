//! The remedy of `loop_over_a_stream`.

use orm_doc_models::*;

pub fn remedy(session: &mut Session) -> Result<()> {
    let mut rows = select(Article).stream(session)?;
    while let Some(article) = rows.next(session)? {
        session.add(Tag::new(article.title)); // the session is free in the loop
    }
    Ok(())
}
