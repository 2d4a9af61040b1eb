//! The remedy of `query_kept_while_the_session_is_used`.

use orm_doc_models::*;

pub fn remedy(session: &mut Session) -> Result<()> {
    let tags = select(Tag); // a statement is a value and borrows nothing
    let before = tags.count(session)?;
    session.add(Tag::new("new"));
    assert_eq!(tags.count(session)?, before + 1);
    Ok(())
}
