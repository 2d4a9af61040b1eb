//! Relationships: what is written of them and how they are read, each theme in a file.

mod models;

mod afterwards;
mod both_sides;
mod deleting;
mod graphs;
mod inspection;
mod joined;
mod lazy_loads;
mod leaving;
mod links;
mod loading;
mod matrix;
mod merging;
mod moving;
mod orphans;
mod parts;
mod plans;
mod queries;
mod reading_again;
mod savepoints;
mod set_based;
mod trees;
mod unique;
mod volume;
