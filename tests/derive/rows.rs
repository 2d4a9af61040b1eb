//! Rows into models and fields out of them.

use super::models::{Article, Author, Country, Revision};
use orm::prelude::*;
use orm_core::error::ErrorKind;
use orm_core::types::{BindWriter, Cell, Row, RowReader, ValueRef};

/// A row as SQLite would lend it.
struct Cells(Vec<Cell<'static>>);

impl Row for Cells {
    fn cell(&self, index: usize) -> Cell<'_> {
        self.0[index]
    }

    fn width(&self) -> usize {
        self.0.len()
    }

    fn name(&self, index: usize) -> String {
        format!("column {index}")
    }
}

struct Shown(Vec<String>);

impl BindWriter for Shown {
    fn put(&mut self, value: ValueRef<'_>) {
        self.0.push(value.to_string());
    }
}

fn decode<M: Model>(cells: Vec<Cell<'static>>) -> orm_core::error::Result<M> {
    M::decode(&mut RowReader::new(&Cells(cells)))
}

fn article(editor: Cell<'static>) -> Vec<Cell<'static>> {
    vec![
        Cell::Integer(5),
        Cell::Text("slug"),
        Cell::Text("title"),
        Cell::Text("2026-01-02 03:04:05.000006"),
        Cell::Null,
        Cell::Integer(7),
        editor,
    ]
}

#[test]
fn a_row_is_read_in_the_order_of_the_columns() {
    let article: Article = decode(article(Cell::Integer(8))).unwrap();
    assert_eq!(article.id, 5);
    assert_eq!(article.slug, "slug");
    assert_eq!(article.updated_on.to_string(), "2026-01-02 03:04:05.000006 UTC");
    assert_eq!(article.content, None);
    assert_eq!(article.author.key(), Some(7));
    assert_eq!(article.editor.and_then(|editor| editor.key()), Some(8));
}

#[test]
fn a_reference_that_is_null_is_none() {
    let article: Article = decode(article(Cell::Null)).unwrap();
    assert!(article.editor.is_none());
}

#[test]
fn a_composite_reference_takes_its_columns() {
    let cells = [1, 2, 3, 4].map(Cell::Integer).to_vec();
    let revision: Revision = decode(cells).unwrap();
    assert_eq!(revision.article.key(), Some(1));
    assert_eq!(revision.number, 2);
    assert_eq!(revision.before.and_then(|before| before.key()), Some((3, 4)));
}

#[test]
fn a_cell_that_does_not_fit_is_an_error_that_names_the_column() {
    let cells = vec![Cell::Text("DE"), Cell::Null, Cell::Text("Berlin")];
    let error = decode::<Country>(cells).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("column 1"), "{error}");
}

#[test]
fn fields_are_reached_by_number() {
    let mut country = Country::new("DE");
    let mut shown = Shown(Vec::new());
    for index in 0..Country::meta().fields.len() {
        Model::field(&country, index).encode(0, &mut shown);
    }
    assert_eq!(shown.0, ["\"DE\"", "3", "\"unknown\""]);
    Model::field_mut(&mut country, 1).decode(0, Cell::Integer(9)).unwrap();
    assert_eq!(country.inhabitants, 9);
}

#[test]
fn a_reference_is_reached_without_its_type() {
    let article = Article::new("slug", "title", Author::new("a@example.com"));
    assert!(Model::field(&article, 5).reference().is_some());
    assert!(Model::field(&article, 6).reference().is_none());
}
