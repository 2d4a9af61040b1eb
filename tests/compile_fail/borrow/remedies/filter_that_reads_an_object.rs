//! The remedy of `filter_that_reads_an_object`.

use orm_doc_models::*;

pub fn remedy(session: &mut Session) -> Result<()> {
    let a = session.query(Article).first()?.unwrap();
    let same = select(Article).filter(Article.title.eq(&session[a].title)).all(session)?;
    assert_eq!(same, [a]);
    Ok(())
}
