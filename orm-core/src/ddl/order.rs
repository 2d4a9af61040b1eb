//! The order of tables by their foreign keys, cycles told apart.

use crate::schema::Table;

/// Tables with those they point to first, and those that stand in cycles behind them in the order
/// given. A table that points to itself is no cycle.
pub(super) fn by_foreign_keys<'t>(tables: &[&'t Table]) -> (Vec<&'t Table>, Vec<&'t Table>) {
    let mut ordered: Vec<&Table> = Vec::with_capacity(tables.len());
    let mut waiting: Vec<&Table> = tables.to_vec();
    loop {
        let before = waiting.len();
        let mut later = Vec::new();
        for table in waiting {
            let ready = table.foreign_keys.iter().all(|key| {
                let target = key.target.table();
                std::ptr::eq(target, table)
                    || !tables.iter().any(|other| std::ptr::eq(*other, target))
                    || ordered.iter().any(|done| std::ptr::eq(*done, target))
            });
            if ready {
                ordered.push(table);
            } else {
                later.push(table);
            }
        }
        waiting = later;
        if waiting.is_empty() || waiting.len() == before {
            return (ordered, waiting);
        }
    }
}
