//! The remedy of `outer_session_inside_a_transaction`.

use orm_doc_models::*;

pub fn remedy(session: &mut Session) -> Result<()> {
    session.transaction(|session| {
        session.add(Tag::new("new"));
        Ok(())
    })
}
