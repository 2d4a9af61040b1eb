//! What to write instead, by the name of the refused case; `tests/borrow_remedies.rs` runs them.

pub mod change_that_reads_another_object;
pub mod collection_that_takes_what_is_added;
pub mod filter_that_reads_an_object;
pub mod loop_over_a_collection_that_changes;
pub mod loop_over_a_stream;
pub mod object_read_across_a_flush;
pub mod object_read_as_it_is_added;
pub mod object_read_beside_a_query;
pub mod outer_session_inside_a_transaction;
pub mod query_kept_while_the_session_is_used;
pub mod question_mark_forgotten_in_a_loop;
pub mod two_objects_changed_together;
