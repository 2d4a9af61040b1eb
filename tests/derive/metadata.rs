//! Tables as the attributes say them.

use super::models::{Article, Author, Country, Revision};
use orm::prelude::*;
use orm_core::schema::ReferentialAction;

/// Called like a model elsewhere in this program.
mod elsewhere {
    use orm::prelude::*;

    #[derive(Model, Clone, Debug)]
    #[orm(table = "other_authors")]
    pub struct Author {
        #[orm(primary_key)]
        pub key: i32,
    }
}

#[derive(Model, Clone, Debug)]
struct HTTPLogEntry {
    #[orm(primary_key)]
    id: Auto<i32>,
    level: i16,
}

fn columns(table: &orm_core::schema::Table) -> Vec<&str> {
    table.columns.iter().map(|column| column.name.as_str()).collect()
}

#[test]
fn a_table_shows_itself() {
    assert_eq!(
        Article.table().to_string(),
        "\
blog.articles (model Article)
  id          BIGINT                    NOT NULL  PRIMARY KEY  GENERATED
  slug        VARCHAR(100)              NOT NULL  UNIQUE
  title       TEXT                      NOT NULL
  updated_on  TIMESTAMP WITH TIME ZONE  NOT NULL
  body        TEXT                      NULL
  author_id   BIGINT                    NOT NULL  → authors.id  ON DELETE CASCADE  ON UPDATE RESTRICT
  editor_id   BIGINT                    NULL      → authors.id  ON DELETE SET NULL
  PRIMARY KEY pk_articles (id)
  FOREIGN KEY fk_articles_author_id (author_id)
  FOREIGN KEY fk_articles_editor_id (editor_id)
  UNIQUE uq_articles_slug (slug)
  INDEX ix_articles_title (title)
  INDEX ix_articles_author_id (author_id)
"
    );
}

#[test]
fn a_table_is_called_like_its_struct_in_snake_case() {
    assert_eq!(HTTPLogEntry.table().name, "http_log_entry");
    assert_eq!(Revision.table().name, "revision");
    assert_eq!(columns(HTTPLogEntry.table()), ["id", "level"]);
}

#[test]
fn models_of_one_name_in_different_modules_are_different() {
    assert_eq!(elsewhere::Author.table().name, "other_authors");
    assert_eq!(Author.table().name, "authors");
    assert_ne!(elsewhere::Author::meta(), Author::meta());
    let schema = orm::Schema::of((Author, elsewhere::Author));
    assert!(schema.check().is_ok());
}

#[test]
fn fields_with_primary_key_are_the_key_together() {
    let table = Revision.table();
    assert_eq!(columns(table), ["article_id", "number", "before_article_id", "before_number"]);
    assert_eq!(table.primary_key, [0, 1]);
    let before = &table.foreign_keys[1];
    assert_eq!(before.columns, [2, 3]);
    assert_eq!(before.target_columns, ["article_id", "number"]);
    assert_eq!(before.target, Revision::meta());
    assert!(before.nullable);
}

#[test]
fn a_natural_key_is_given_by_the_program() {
    let table = Country.table();
    assert_eq!(table.auto_key(), None);
    assert_eq!(table.column(0).length, Some(2));
}

#[test]
fn on_update_means_the_key_of_a_ref_and_the_value_of_a_column() {
    let fields = Article::meta().fields;
    let field = |name| &fields[Article::meta().field_index(name).unwrap()];
    assert!(field("updated_on").on_update);
    assert_eq!(field("updated_on").on_update_key, ReferentialAction::NoAction);
    assert!(!field("author").on_update);
    assert_eq!(field("author").on_update_key, ReferentialAction::Restrict);
    assert_eq!(field("author").on_delete, ReferentialAction::Cascade);
    assert_eq!(field("editor").index, Some(false));
}

#[test]
fn a_column_knows_its_model_field_and_source() {
    assert_eq!(format!("{:?}", Article.slug), "Article.slug");
    assert_eq!(format!("{:?}", Article.author), "Article.author");
    let boss = Author.alias("boss");
    assert_eq!(boss.email.column().source.name(), "boss");
    assert_eq!(Author.email.column().source.name(), "authors");
    assert_eq!(boss.email.column().field, 2);
}

#[test]
fn a_model_in_a_function_is_one() {
    #[derive(Model, Clone, Debug)]
    struct Local {
        #[orm(primary_key)]
        id: Auto<i64>,
        parent: Option<Ref<Local>>,
    }
    assert_eq!(columns(Local.table()), ["id", "parent_id"]);
    assert!(Local::new().parent.is_none());
}
