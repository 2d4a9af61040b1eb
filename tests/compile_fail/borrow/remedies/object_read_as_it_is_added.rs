//! The remedy of `object_read_as_it_is_added`.

use orm_doc_models::*;

pub fn remedy(session: &mut Session) -> Result<()> {
    let tag = session.add(Tag::new("new"));
    assert_eq!(session[tag].name, "new");
    Ok(())
}
