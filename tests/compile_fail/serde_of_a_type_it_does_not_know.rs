//! `#[orm(serde)]` on a model with a column whose type has no `Serialize`.
use orm::prelude::*;
use orm::types::{BindWriter, Cell, ColumnType, DbType, Mismatch};

#[derive(Clone)]
struct Slug(String);

impl DbType for Slug {
    const TYPE: ColumnType = ColumnType::Text;

    fn encode(&self, out: &mut dyn BindWriter) {
        DbType::encode(&self.0, out);
    }

    fn decode(cell: Cell<'_>) -> Result<Slug, Mismatch> {
        <String as DbType>::decode(cell).map(Slug)
    }

    fn same(&self, other: &Slug) -> bool {
        self.0 == other.0
    }
}

#[derive(Model, Clone)]
#[orm(serde)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    slug: Slug,
}

fn main() {}
