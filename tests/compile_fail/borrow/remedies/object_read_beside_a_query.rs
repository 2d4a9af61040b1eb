//! The remedy of `object_read_beside_a_query`.

use orm_doc_models::*;

pub fn remedy(session: &mut Session) -> Result<()> {
    let a = session.query(Article).filter(Article.slug.eq("rust")).one()?;
    let all = select(Article).count(session)?; // first what needs the database
    println!("{} of {all}", session[a].title);
    Ok(())
}
