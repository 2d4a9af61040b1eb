//! The remedy of `object_read_across_a_flush`.

use orm_doc_models::*;

pub fn remedy(session: &mut Session) -> Result<()> {
    let a = session.add(Tag::new("new"));
    session.flush()?;
    println!("{}", session[a].name); // read again: it costs nothing, and may have changed
    Ok(())
}
