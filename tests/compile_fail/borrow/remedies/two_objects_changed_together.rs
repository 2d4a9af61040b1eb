//! The remedy of `two_objects_changed_together`.

use orm_doc_models::*;

pub fn remedy(session: &mut Session) -> Result<()> {
    let [a, b] = ["a", "b"].map(|name| session.add(Article::new(name, name, 1)));
    let [one, other] = session.get_disjoint_mut([a, b])?;
    std::mem::swap(&mut one.title, &mut other.title);
    assert_eq!(session[a].title, "b");
    Ok(())
}
