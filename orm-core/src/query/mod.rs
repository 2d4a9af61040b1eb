//! The typed query builder: what is selected ([`Selection`]), the statement as a value ([`Select`]),
//! and where it runs ([`Execute`], implemented by sessions and connections).

mod criteria;
mod embedded;
mod execute;
mod joined;
mod lock;
mod part;
mod related;
mod row;
mod select;
mod selection;
mod set_based;
mod stream;
pub mod variant;

pub use embedded::EmbeddedColumns;
pub use execute::{Execute, Statement};
pub use joined::{JoinedStatement, JoinedStep, rest_of};
pub use part::{Part, PartOwners, part_arenas};
pub use related::{collection_statement, order_of, owner_key, part_statement, targets_statement};
pub use row::{Selects, in_field};
pub use select::{Groups, Orders, Select, Unbound, select};
pub use selection::{Selection, Tracker};
pub use stream::{Pages, Stream};
pub use variant::EntityRows;
